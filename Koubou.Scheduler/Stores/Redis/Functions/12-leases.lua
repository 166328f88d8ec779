-- Leases.

-- now, duration, ageing step, affinity delay, node, nonce, lanes known, count, fitting lanes, held lanes or 'any', since
-- when their tasks go first, tokens. A task that needs another model than the held ones is the last of its lease.
-- Answers: 'lanes', their number and all of them; or the last number, then for each: id, token, attempt, spec.
local function lease(keys, args)
    local step = begin(keys, args[1])
    local root = step.root
    if step.lanes_made ~= args[7] then return { 'lanes', step.lanes_made, call('HGETALL', root .. 'lanes') } end

    -- The same wish again: its answer was lost.
    local node, nonce = args[5], args[6]
    local answer = { 0 }
    local said = call('HGET', root .. 'nonce', node)
    if said and string.sub(said, 1, #nonce + 1) == nonce .. ' ' then
        for id, token in string.gmatch(string.sub(said, #nonce + 2), '(%S+) (%S+)') do
            local task = load(step, id)
            if task and task.s == RUNNING and task.k == token then
                local size = #answer
                answer[size + 1], answer[size + 2], answer[size + 3] = id, token, task.an
                answer[size + 4] = call('HGET', root .. 's', id) or ''
            end
        end
        if #answer > 1 then
            answer[1] = text(step.seq)
            return answer
        end
    end

    local duration, ageing, affinity = tonumber(args[2]), tonumber(args[3]), tonumber(args[4])
    local most, since = tonumber(args[8]), tonumber(args[11])
    local levels, lanes = open_levels(step, most, args[9], args[10])
    if lanes == 0 then return { text(step.seq) } end

    local chosen = {}
    while #chosen < most do
        local best = choose(step, levels, ageing, affinity, since)
        if not best then break end
        chosen[#chosen + 1] = take(step, best)
        if lanes > 1 and not best.pair.held then break end
    end
    settle_pairs(step, levels)

    fetch(step, chosen)
    local specs = #chosen > 0 and call('HMGET', root .. 's', unpack(chosen)) or NONE
    local said_now, until_ = { nonce }, text(step.now + duration)
    local begun = bytes(2, node) .. bytes(8, seconds(step.now)) .. number(14, 1)
    for i, id in ipairs(chosen) do
        local task, token = load(step, id), args[11 + i]
        local kind = kind_of(step, task)
        count(step, task, kind, QUEUED, RUNNING)
        task.s, task.k, task.n, task.la, task.ef, task.v = RUNNING, token, node, step.now, nil, nil
        task.u, task.a = task.u + 1, task.a + 1
        task.an = task.a
        task.x = task.x or step.now
        task.h = task.h or ''
        task.hl = #task.h
        task.h = task.h .. record('B', number(1, task.an) .. begun)
        zadd(step, 'ls', until_, id)
        event(step, task, kind, STARTED)
        local size = 4 * i - 3
        answer[size + 1], answer[size + 2], answer[size + 3], answer[size + 4] = id, token, task.an, specs[i] or ''
        said_now[i + 1] = id .. ' ' .. token
    end
    call('HSET', root .. 'nonce', node, table.concat(said_now, ' '))
    answer[1] = finish(step)
    return answer
end

-- now, duration, then for each: id, token. Answers the places of those that are no longer valid.
local function renew(keys, args)
    local step = begin(keys, args[1])
    local until_ = text(step.now + tonumber(args[2]))
    local ids, invalid = {}, {}
    for i = 3, #args, 2 do ids[#ids + 1] = args[i] end
    fetch(step, ids)
    for i, id in ipairs(ids) do
        local task = load(step, id)
        if task and task.s == RUNNING and task.k == args[2 * i + 2] then
            zadd(step, 'ls', until_, id)
        else
            invalid[#invalid + 1] = i - 1
        end
    end
    finish(step)
    return invalid
end

-- node. Answers ids and tokens.
local function leases(keys, args)
    local step, answer = begin(keys, '1'), {}
    local ids = call('ZRANGE', step.root .. 'ls', 0, -1)
    fetch(step, ids)
    for _, id in ipairs(ids) do
        local task = load(step, id)
        if task and task.n == args[1] and task.k then
            answer[#answer + 1] = id
            answer[#answer + 1] = task.k
        end
    end
    return answer
end
