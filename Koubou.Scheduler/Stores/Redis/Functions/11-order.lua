-- Which tasks go first.

-- The clients of a lane and priority whose turns come next, in their order. No lease of so many tasks can concern more.
local function open_pair(step, pair)
    local key = step.root .. 'u:' .. pair.lane .. ':' .. pair.p
    while true do
        local stale = false
        local entries = call('ZRANGE', key, '0', text(pair.most - 1), 'WITHSCORES')
        pair.clients, pair.at = {}, 1
        for i = 1, #entries, 2 do
            local client = string.sub(entries[i], 37)
            local share = pair.p .. ':' .. client
            local tag = tag_of(step, share)
            if tag ~= tonumber(entries[i + 1]) then
                -- It got something in another lane meanwhile.
                call('ZADD', key, text(tag), entries[i])
                stale = true
            end
            pair.clients[(i + 1) / 2] = { name = client, head = string.sub(entries[i], 1, 36), share = share, tag = tag }
        end
        if not stale then return end
    end
end

-- The client whose turn it is, or nil. Who has had a turn goes behind all who wait.
local function first_of(step, pair)
    if not pair.clients then open_pair(step, pair) end
    local clients = pair.clients
    while true do
        local client = clients[pair.at]
        if not client then return nil end
        local tag = step.tags[client.share] or client.tag
        if client.head and tag == client.tag then return client end
        pair.at = pair.at + 1
        if client.head then
            client.tag = tag
            local place = #clients + 1
            while place > pair.at and clients[place - 1].tag > tag do
                clients[place] = clients[place - 1]
                place = place - 1
            end
            clients[place] = client
        end
    end
end

local function has_head(step, pair)
    -- One that nobody looked into is there because tasks wait in it.
    return not pair.clients or first_of(step, pair) ~= nil
end

local function oldest_of(step, pair)
    if pair.oldest then return pair.oldest end
    local oldest
    for _, client in pairs(pair.touched) do
        if client.head and (not oldest or client.head < oldest) then oldest = client.head end
    end
    -- As many clients may have had a turn before the first that had none.
    pair.ages = pair.ages or call('ZRANGE', step.root .. 'g:' .. pair.lane .. ':' .. pair.p, '0', text(pair.most))
    for _, entry in ipairs(pair.ages) do
        if not pair.touched[string.sub(entry, 37)] then
            local head = string.sub(entry, 1, 36)
            if not oldest or head < oldest then oldest = head end
            break
        end
    end
    pair.oldest = oldest
    return oldest
end

-- The age of the oldest and its priority, as one number: the smallest goes first. nil: nobody waits here any more.
local function rank_of(step, level, ageing)
    if level.rank == nil then
        level.rank = false
        for _, pair in ipairs(level.pairs) do
            local oldest = has_head(step, pair) and oldest_of(step, pair)
            if oldest then
                local rank = milliseconds(oldest) - level.number * ageing
                if not level.rank or rank < level.rank then level.rank = rank end
            end
        end
    end
    return level.rank or nil
end

local function best_of(step, level, of)
    local best
    for i = 1, #of do
        local pair = of[i]
        local client = first_of(step, pair)
        if client then
            -- A client's lines in several lanes have one tag.
            local tag, than = client.tag, best and best.client
            if not best or tag < than.tag or tag == than.tag and client.head < than.head then
                best = { level = level, pair = pair, client = client }
            end
        end
    end
    return best
end

local NONE = {}

-- Of lanes whose model the node has and others: those, until it has been enough of them.
local function best_by_affinity(step, level, ageing, affinity, since)
    local held, others = {}, {}
    for _, pair in ipairs(level.pairs) do
        if has_head(step, pair) then
            local of = pair.held and held or others
            of[#of + 1] = pair
        end
    end
    if #held == 0 or #others == 0 then return best_of(step, level, level.pairs) end
    local oldest
    for _, pair in ipairs(others) do
        local id = oldest_of(step, pair)
        if not oldest or id < oldest then oldest = id end
    end
    local turn = affinity < ageing / #others and affinity or ageing / #others
    if step.now - max(milliseconds(oldest), since) > turn then return best_of(step, level, level.pairs) end
    return best_of(step, level, held)
end

-- The order of Rules/OrderRules.cs. levels: the highest first.
local function choose(step, levels, ageing, affinity, since)
    local first, rank = levels[1], nil
    if #levels > 1 then
        first = nil
        for _, level in ipairs(levels) do
            local of = rank_of(step, level, ageing)
            if of and (not rank or of < rank) then first, rank = level, of end
        end
        if not first then return nil end
    end
    if first.mixed then return best_by_affinity(step, first, ageing, affinity, since) end
    return best_of(step, first, first.pairs)
end

-- Reads a client's line as far as it is needed: most clients have a turn or two in one lease.
local function read_line(step, pair, client)
    local line = client.line
    local more = call('ZRANGE', step.root .. 'q:' .. pair.lane .. ':' .. pair.p .. ':' .. client.name, text(#line),
        text(2 * #line + 1))
    for _, id in ipairs(more) do line[#line + 1] = id end
end

-- Notes that it was this task's turn, and answers its id; what lies in the server's sets follows at the end, by
-- settle_pairs.
local function take(step, best)
    local pair, client, level = best.pair, best.client, best.level
    local id = client.head
    if not client.line then
        client.line, client.taken = {}, 0
        pair.touched[client.name] = client
    end
    client.taken = client.taken + 1
    if #client.line <= client.taken then read_line(step, pair, client) end
    client.head = client.line[client.taken + 1]
    if pair.oldest == id then pair.oldest = nil end
    level.rank = nil
    to_the_end(step, pair.p, client.share)
    return id
end

local function settle_pairs(step, levels)
    for _, level in ipairs(levels) do
        for _, pair in ipairs(level.pairs) do
            local place = pair.lane .. ':' .. pair.p
            local turns, ages = step.root .. 'u:' .. place, step.root .. 'g:' .. place
            for name, client in pairs(pair.touched) do
                call('ZREMRANGEBYRANK', step.root .. 'q:' .. place .. ':' .. name, '0', text(client.taken - 1))
                add(step, 'cw', client.share, -client.taken)
                add(step, 'occ', place, -client.taken)
                call('ZREM', turns, client.line[1] .. name)
                call('ZREM', ages, client.line[1] .. name)
                if client.head then
                    call('ZADD', turns, text(tag_of(step, client.share)), client.head .. name)
                    call('ZADD', ages, '0', client.head .. name)
                end
            end
        end
    end
end

-- The levels of priority with the lanes that fit, the highest first, and how many lanes that is.
local function open_levels(step, most, fitting, holding)
    local fits, holds, by_number, lanes = {}, {}, {}, 0
    for lane in string.gmatch(fitting, '%d+') do fits[lane] = true end
    for lane in string.gmatch(holding, '%d+') do holds[lane] = true end
    for _, field in ipairs(call('HKEYS', step.root .. 'occ')) do
        local lane, p = string.match(field, '^(%d+):(%d+)$')
        if fits[lane] then
            local number = tonumber(p)
            local level = by_number[number] or { number = number, pairs = {}, mixed = false }
            local held = holding == 'any' or holds[lane] or false
            by_number[number], lanes = level, lanes + 1
            level.mixed = level.mixed or #level.pairs > 0 and level.pairs[1].held ~= held
            level.pairs[#level.pairs + 1] = { lane = lane, p = p, most = most, held = held, touched = {} }
        end
    end
    local levels = {}
    for _, level in pairs(by_number) do levels[#levels + 1] = level end
    table.sort(levels, function(left, right) return left.number > right.number end)
    return levels, lanes
end
