-- Submits.

-- How many go before a ready task: what has a higher priority, its client's older ones, and of each other client as many
-- as have turns before. view: read once for a whole call.
local function position_of(root, view, id, p, client)
    if not view.occupied then
        view.occupied, view.waiting, view.levels = call('HGETALL', root .. 'occ'), call('HGETALL', root .. 'cw'), {}
    end
    local level = view.levels[p]
    if not level then
        level = { higher = 0, lanes = {}, others = {}, tags = {}, counted = {} }
        for i = 1, #view.occupied, 2 do
            local lane, other = string.match(view.occupied[i], '^(%d+):(%d+)$')
            if tonumber(other) > tonumber(p) then
                level.higher = level.higher + view.occupied[i + 1]
            elseif other == p then
                level.lanes[#level.lanes + 1] = lane
            end
        end
        local waiting = view.waiting
        local prefix = p .. ':'
        for i = 1, #waiting, 2 do
            if string.sub(waiting[i], 1, #prefix) == prefix then
                level.others[waiting[i]] = tonumber(waiting[i + 1])
                level.tags[waiting[i]] = tonumber(call('HGET', root .. 'tags', waiting[i]) or 0)
            end
        end
        view.levels[p] = level
    end
    local share = p .. ':' .. client
    -- New tasks of one call follow each other in the order of submission: the first is looked up, the others are counted on.
    local own = level.counted[share]
    if not own then
        own = 0
        for _, lane in ipairs(level.lanes) do
            own = own + call('ZLEXCOUNT', root .. 'q:' .. lane .. ':' .. p .. ':' .. client, '-', '(' .. id)
        end
    end
    level.counted[share] = own + 1
    local tag = level.tags[share] or 0
    local position = level.higher + own + 1
    for other, waiting in pairs(level.others) do
        if other ~= share then position = position + min(level.tags[other] < tag and own + 1 or own, waiting) end
    end
    return position
end

-- now, most, n, then for each: id, lane, type, priority, client, batch, policy, idempotency key, not before, deadline,
-- attempts max, runs anyway, spec, labels × 2, names and values, dependencies, ids.
-- Answers: 'full' and the count; or the last number, then for each: id, state, duplicate, position.
local function enqueue(keys, args)
    local step = begin(keys, args[1])
    local root = step.root
    local most, n = tonumber(args[2]), tonumber(args[3])
    local counts = call('HMGET', root .. 'cnt', STATES[BLOCKED], STATES[SCHEDULED], STATES[QUEUED], STATES[RUNNING])
    local live = 0
    for i = 1, 4 do live = live + tonumber(counts[i] or 0) end
    local at = 4
    local function moment(i)
        local value = args[at + i]
        return value ~= '0' and tonumber(value) or nil
    end
    -- A list that begins with its length, of so many parts each.
    local NOTHING = {}
    local function list(parts)
        if args[at] == '0' then
            at = at + 1
            return NOTHING
        end
        local length, slice = tonumber(args[at]) * parts, {}
        for i = 1, length do slice[i] = args[at + i] end
        at = at + 1 + length
        return slice
    end
    local asked, ids = {}, {}
    for i = 1, n do
        local id, client, key = args[at], args[at + 4], args[at + 7]
        local new = {
            task = {
                id = id, s = QUEUED,
                ik = key ~= '' and (client .. '\0' .. key) or nil, nb = moment(8), d = moment(9), m = tonumber(args[at + 10]),
                rd = args[at + 11] == '1' and 1 or nil, u = 0, a = 0, an = 0,
            },
            at = at, policy = args[at + 6], spec = args[at + 12],
        }
        at = at + 13
        new.labels = list(2)
        new.dependencies = list(1)
        asked[i], ids[i] = new, id
    end
    fetch(step, ids)
    local idems, aliases, fresh = {}, {}, {}
    for i = 1, n do
        local new = asked[i]
        local task = new.task
        local known = step.raw[task.id] and task.id
            or task.ik and (idems[task.ik] or call('HGET', root .. 'idem', task.ik))
        if known then
            -- The same call, sent again because its answer was lost, is no duplicate.
            new.known, new.duplicate = known, known ~= task.id
            aliases[task.id] = known
        else
            if task.ik then idems[task.ik] = task.id end
            fresh[#fresh + 1] = new
        end
    end
    if #fresh > 0 and live + #fresh > most then return { 'full', text(live) } end

    -- First every state, so that tasks of one call see each other.
    for _, new in ipairs(fresh) do
        local task, from = new.task, new.at
        task.kd = name_kind(lane_of(step, args[from + 1]), args[from + 3], args[from + 4], args[from + 5], args[from + 2])
        for i, dependency in ipairs(new.dependencies) do
            new.dependencies[i] = aliases[dependency] or dependency
        end
        if #new.dependencies > 0 then
            task.s, task.dp = BLOCKED, 1
        elseif task.nb and task.nb > step.now then
            task.s, task.v = SCHEDULED, task.nb
        end
        step.rows[task.id] = task
        if task.ik then call('HSET', root .. 'idem', task.ik, task.id) end
    end
    for _, new in ipairs(fresh) do
        local task = new.task
        if task.s == BLOCKED then
            local hinders = hindrance(step, new.dependencies, false)
            if not hinders then
                task.s = QUEUED
                if task.nb and task.nb > step.now then task.s, task.v = SCHEDULED, task.nb end
            elseif hinders ~= 'wait' then
                new.decided = true
            end
        end
        local kind = kind_of(step, task)
        count(step, task, kind, nil, task.s)
        if task.s ~= BLOCKED then place(step, task, kind) end
        event(step, task, kind, SUBMITTED)
        keep(step, task, kind, new.policy, new.spec, new.labels, new.dependencies)
    end
    -- Only now every task of the call is there: what cannot run fails, and takes its dependants with it.
    for _, new in ipairs(fresh) do
        if new.decided then unblock(step, new.task) end
    end
    -- The answer tells what became of each, and they are all in this call.
    local seq = finish(step, ALL)

    local answer, size, view = { seq }, 1, {}
    for i = 1, n do
        local new = asked[i]
        local id = new.known or new.task.id
        local task = load(step, id)
        answer[size + 1] = id
        answer[size + 2] = task and task.s or 0
        answer[size + 3] = new.duplicate and 1 or 0
        answer[size + 4] = 0
        if not new.known and task.s == QUEUED then
            local kind = kind_of(step, task)
            answer[size + 4] = position_of(root, view, id, kind.p, kind.c)
        end
        size = size + 4
    end
    return answer
end
