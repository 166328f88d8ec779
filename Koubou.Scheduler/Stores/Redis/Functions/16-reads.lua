-- Reading.

-- prompt bytes at most (0: all), with output, ids. For each found: id, row, spec, attempts, output, position, and the
-- dependencies that it waits for.
local function get(keys, args)
    local step, most, answer = begin(keys, '1'), tonumber(args[1]), {}
    local root, ids = step.root, fetch_given(step, args, 3)
    for _, id in ipairs(ids) do
        local task = load(step, id)
        if task then
            local spec = call('HGET', root .. 's', id) or ''
            if most > 0 then
                local rest = struct.unpack('>I4', spec)
                spec = string.sub(spec, 1, 4 + rest + most)
            end
            local row, waiting, kind = {}, {}, kind_of(step, task)
            for _, name in ipairs({ 's', 'x', 'f', 'u', 'm', 'e', 'ob', 'v', 'er' }) do
                local value = task[name]
                if value then
                    row[#row + 1] = name
                    row[#row + 1] = type(value) == 'number' and text(value) or value
                end
            end
            if task.s == BLOCKED then
                for _, dependency in ipairs(call('LRANGE', root .. 'd:' .. id, 0, -1)) do
                    local other = load(step, dependency)
                    if other and not is_final(other.s) then waiting[#waiting + 1] = dependency end
                end
            end
            answer[#answer + 1] = {
                id, row, spec, task.h or '', args[2] == '1' and call('HGET', root .. 'o', id) or '',
                task.s == QUEUED and #ids == 1 and position_of(root, {}, id, kind.p, kind.c) or 0, waiting,
            }
        end
    end
    return answer
end

-- Filters: states, types (\0-separated with one at both ends), client, batch, node, text in lower case, finished before,
-- n labels, names and values.
local function filter_of(args, at)
    local filter = {
        states = args[at], types = args[at + 1], c = args[at + 2], b = args[at + 3], n = args[at + 4],
        text = args[at + 5], before = tonumber(args[at + 6]), labels = {},
    }
    for i = 1, tonumber(args[at + 7]) do
        filter.labels[i] = args[at + 6 + 2 * i] .. '\0' .. args[at + 7 + 2 * i]
    end
    return filter
end

local function passes(step, filter, id)
    local task = load(step, id)
    if not task then return nil end
    local kind = kind_of(step, task)
    if filter.states ~= '' and not string.find(filter.states, STATES[task.s], 1, true)
        or filter.types ~= '' and not string.find(filter.types, '\0' .. kind.y .. '\0', 1, true)
        or filter.c ~= '' and kind.c ~= filter.c
        or filter.b ~= '' and kind.b ~= filter.b
        or filter.n ~= '' and task.n ~= filter.n
        or filter.before > 0 and not (is_final(task.s) and (task.f or 0) < filter.before)
    then
        return nil
    end
    for _, label in ipairs(filter.labels) do
        if not call('ZSCORE', step.root .. 'l:' .. label, id) then return nil end
    end
    if filter.text ~= '' then
        local spec = call('HGET', step.root .. 's', id)
        local rest = struct.unpack('>I4', spec)
        if not string.find(string.lower(string.sub(spec, 5 + rest)), filter.text, 1, true) then return nil end
    end
    return task
end

local function add_those_that_pass(step, filter, ids, answer)
    for _, id in ipairs(ids) do
        local task = passes(step, filter, id)
        if task then
            answer[#answer + 1] = id
            answer[#answer + 1] = kind_of(step, task).p
            answer[#answer + 1] = task.f and text(task.f) or '0'
        end
    end
    return answer
end

-- index, backwards, from, to (as for ZRANGEBYLEX), most looked at, then a filter. Answers where to go on ('' at the end),
-- then for each that passes: id, priority, finished at.
local function walk(keys, args)
    local step = begin(keys, '1')
    local index, ids = step.root .. args[1]
    if args[2] == '1' then
        ids = call('ZREVRANGEBYLEX', index, args[4], args[3], 'LIMIT', 0, args[5])
    else
        ids = call('ZRANGEBYLEX', index, args[3], args[4], 'LIMIT', 0, args[5])
    end
    local answer = { #ids == tonumber(args[5]) and ids[#ids] or '' }
    fetch(step, ids)
    return add_those_that_pass(step, filter_of(args, 6), ids, answer)
end

-- state, most. The ids in a state that has no index of its own by submission; nil when there are more.
local function ids_in(keys, args)
    local root, most, ids = keys[1], tonumber(args[2]), {}
    local sets = { ['2'] = { 'due' }, ['4'] = { 'ls' } }
    local of = sets[args[1]]
    if not of then
        of = {}
        for _, pair in ipairs(call('HKEYS', root .. 'occ')) do
            for _, entry in ipairs(call('ZRANGE', root .. 'g:' .. pair, 0, -1)) do
                of[#of + 1] = 'q:' .. pair .. ':' .. string.sub(entry, 37)
            end
        end
    end
    local total = 0
    for _, key in ipairs(of) do total = total + call('ZCARD', root .. key) end
    if total > most then return false end
    for _, key in ipairs(of) do
        for _, id in ipairs(call('ZRANGE', root .. key, 0, -1)) do ids[#ids + 1] = id end
    end
    return ids
end

-- A filter, then ids. Answers as walk does, without the first.
local function match(keys, args)
    local step, filter = begin(keys, '1'), filter_of(args, 1)
    return add_those_that_pass(step, filter, fetch_given(step, args, 9 + 2 * #filter.labels), {})
end

-- most, skip. For each: batch, row; newest first.
local function batches(keys, args)
    local root, answer = keys[1], {}
    for _, batch in ipairs(call('ZREVRANGE', root .. 'bs', args[2], args[2] + args[1] - 1)) do
        answer[#answer + 1] = batch
        answer[#answer + 1] = call('HGETALL', root .. 'b:' .. batch)
    end
    return answer
end
