-- What alike tasks have in common: names of keys and fields, and what their events say.
local function kind_of(step, task)
    local name = task.kd
    local kind = step.kinds[name]
    if not kind then
        local lane, p, client, batch, type = string.match(name, '^(%d+)%z(%d+)%z(%Z*)%z(%Z*)%z(.*)$')
        local pair = lane .. ':' .. p
        kind = {
            p = p, c = client, b = batch ~= '' and batch or nil, y = type,
            pair = pair, share = p .. ':' .. client, line = 'q:' .. pair .. ':' .. client, sort = type .. '\0' .. p,
            batch = batch ~= '' and ('b:' .. batch) or nil,
            changes = {}, event = bytes(5, type) .. number(7, tonumber(p)) .. bytes(8, client) .. bytes(9, batch),
        }
        step.kinds[name] = kind
    end
    return kind
end

local function name_kind(lane, p, client, batch, type)
    return lane .. '\0' .. p .. '\0' .. client .. '\0' .. batch .. '\0' .. type
end

-- The states whose tasks lie in an index of their own by submission.
local INDEXES = { [BLOCKED] = 'blk', [FAILED] = 'f6', [CANCELLED] = 'f7', [EXPIRED] = 'f8' }

-- Counts a task out of one state and into another; nil: it is not there. The sums follow at the end, by sum_up.
local function count(step, task, kind, from, to)
    local change = 16 * (from or 0) + (to or 0)
    kind.changes[change] = (kind.changes[change] or 0) + 1
    if INDEXES[from] then zrem(step, INDEXES[from], task.id) end
    if INDEXES[to] then zadd(step, INDEXES[to], '0', task.id) end
end

local function sum_up_kind(step, kind)
    for change, times in pairs(kind.changes) do
        local from, to = floor(change / 16), change % 16
        if from > 0 then add(step, 'cnt', STATES[from], -times) end
        if to > 0 then add(step, 'cnt', STATES[to], times) end
        if from > 0 and from <= QUEUED then add(step, 'wt', kind.sort, -times) end
        if to > 0 and to <= QUEUED then add(step, 'wt', kind.sort, times) end
        if from == QUEUED then add(step, 'wq', kind.sort, -times) end
        if to == QUEUED then add(step, 'wq', kind.sort, times) end
        if from > 0 and not is_final(from) then add(step, 'cl', kind.c, -times) end
        if to > 0 and not is_final(to) then add(step, 'cl', kind.c, times) end
        if kind.batch then
            if from > 0 then add(step, kind.batch, 's' .. STATES[from], -times) end
            if to > 0 then add(step, kind.batch, 's' .. STATES[to], times) end
            if is_final(to) then call('HSET', step.root .. kind.batch, 'f', step.stamp) end
        end
    end
end

local function sum_up(step)
    for _, kind in pairs(step.kinds) do sum_up_kind(step, kind) end
    for hash, of in pairs(step.sums) do
        for field, by in pairs(of) do
            if by ~= 0 and call('HINCRBY', step.root .. hash, field, text(by)) == 0 then
                call('HDEL', step.root .. hash, field)
                -- A client with nothing waiting begins anew.
                if hash == 'cw' then call('HDEL', step.root .. 'tags', field) end
            end
        end
    end
end

-- The attempt and its node, as events say them.
local function attempt_of(step, task)
    local node = task.n or ''
    local of = step.attempts[node]
    if not of then
        of = {}
        step.attempts[node] = of
    end
    local told = of[task.an]
    if not told then
        told = number(10, task.an) .. bytes(11, node)
        of[task.an] = told
    end
    return told
end

-- Tells what happened and notes the row. Number and moment are those of the step: who reads it knows them.
-- what: of KINDS or beside them. ended: fields of the attempt that ended with it, else nil.
local function event(step, task, kind, what, ended)
    step.seq = step.seq + 1
    task.e = step.seq
    step.changed[task.id] = task
    local rest = kind.event
    if what ~= SUBMITTED then
        if task.an > 0 then rest = rest .. attempt_of(step, task) .. (task.ef or '') end
        if task.er then rest = rest .. bytes(15, task.er) end
    end
    if ended then rest = rest .. ended end
    -- 10: the event in its batch. 24, 48 and 34: the fields 3, 6 and 4, each one byte; 36: the length of an id.
    step.events[#step.events + 1] = char(10) .. varint(42 + #rest) .. char(24, what, 48, task.s, 34, 36) .. task.id .. rest
end
