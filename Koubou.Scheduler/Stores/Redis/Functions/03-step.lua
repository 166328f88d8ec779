-- One step: what it changes is gathered and written once at its end.

local function begin(keys, now)
    local root = keys[1]
    now = tonumber(now)
    if now == 0 then
        local t = call('TIME')
        now = t[1] * 1000 + floor(t[2] / 1000)
    end
    local meta = call('HMGET', root .. 'meta', 'seq', 'keep', 'lanes')
    local seq = tonumber(meta[1] or 0)
    return {
        root = root, now = now, stamp = text(now), seq = seq, first = seq + 1,
        keep = meta[2] or '200000', lanes_made = meta[3] or '0', ready = false, finished = {}, done = 0,
        -- Of tasks by id: as read, as rows (false: not there), those that changed.
        raw = {}, rows = {}, changed = {}, specs = {}, outputs = {}, removed = {},
        events = {}, kinds = {}, attempts = {}, spans = {}, sums = {}, tags = {}, seen = {}, sets = {},
    }
end

-- Reads the rows of several tasks.
local function fetch(step, ids)
    for from = 1, #ids, 1000 do
        local found = call('HMGET', step.root .. 't', unpack(ids, from, min(#ids, from + 999)))
        for i = 1, #found do step.raw[ids[from + i - 1]] = found[i] end
    end
end

-- Reads the rows of the tasks that a function was given from an argument on.
local function fetch_given(step, args, from)
    local ids = {}
    for i = from, #args do ids[#ids + 1] = args[i] end
    fetch(step, ids)
    return ids
end

-- A task as its row tells it, or nil. Of one task there is one table in a step.
local function load(step, id)
    local task = step.rows[id]
    if task == nil then
        local kept = step.raw[id]
        if kept == nil then kept = call('HGET', step.root .. 't', id) end
        task = kept and unpack_row(kept)
        if task then task.id = id end
        step.rows[id] = task
    end
    return task or nil
end

local function add(step, hash, field, by)
    local of = step.sums[hash]
    if not of then
        of = {}
        step.sums[hash] = of
    end
    of[field] = (of[field] or 0) + by
end

-- Sorted sets are written once at the end of the step; of several changes of one member the last one counts.
local function zadd(step, key, score, id)
    local set = step.sets[key]
    if not set then
        set = {}
        step.sets[key] = set
    end
    set[id] = score
end

local function zrem(step, key, id)
    zadd(step, key, false, id)
end

-- Many arguments go in slices: Lua's stack is finite.
local function slices(command, key, list)
    for from = 1, #list, 2000 do
        call(command, key, unpack(list, from, min(#list, from + 1999)))
    end
end
