-- The end of a step: everything that it changed is written.

local function write_rows(step)
    local rows = {}
    for id, task in pairs(step.changed) do
        task.id = nil
        rows[#rows + 1] = id
        rows[#rows + 1] = pack(task)
        task.id = id
    end
    slices('HSET', step.root .. 't', rows)
    slices('HSET', step.root .. 's', step.specs)
    slices('HSET', step.root .. 'o', step.outputs)
    for _, hash in ipairs({ 't', 's', 'o' }) do slices('HDEL', step.root .. hash, step.removed) end
end

local function flush(step)
    local root = step.root
    write_rows(step)
    for key, set in pairs(step.sets) do
        local adds, removes = {}, {}
        for id, score in pairs(set) do
            if score then
                adds[#adds + 1] = score
                adds[#adds + 1] = id
            else
                removes[#removes + 1] = id
            end
        end
        slices('ZADD', root .. key, adds)
        slices('ZREM', root .. key, removes)
    end
    local tags = {}
    for field, tag in pairs(step.tags) do
        tags[#tags + 1] = field
        tags[#tags + 1] = text(tag)
    end
    slices('HSET', root .. 'tags', tags)
    sum_up(step)
    local last = text(step.seq)
    if #step.events > 0 then
        local body, first = table.concat(step.events), text(step.first)
        call('HSET', root .. 'meta', 'seq', last)
        call('XADD', root .. 'ev', 'MAXLEN', '~', step.keep, last .. '-0', 't', step.stamp, 'f', first, 'b', body)
        call('PUBLISH', root .. 'c', first .. ' ' .. step.stamp .. ' ' .. (step.ready and '1' or '0') .. ' ' .. body)
    elseif step.ready then
        call('PUBLISH', root .. 'c', text(step.seq + 1) .. ' ' .. step.stamp .. ' 1 ')
    end
    return last
end

-- Answers the last number, with a + where dependants are still to be told: tell is to be called.
local function close(step, leaves)
    local last = flush(step)
    if not leaves then return last end
    call('HSET', step.root .. 'meta', 'telling', step.stamp)
    return last .. '+'
end

-- most: how many dependants may be told.
local function finish(step, most)
    if #step.finished > 0 then tell_dependants(step, most or TOLD_MAX) end
    return close(step, step.leaves)
end

-- now. Tells more dependants of tasks that finished in earlier steps. Answers the last number.
local function tell(keys, args)
    local step = begin(keys, args[1])
    local key, left, taken = step.root .. 'untold', TOLD_MAX, 0
    local entries = call('LRANGE', key, 0, TOLD_MAX - 1)
    while left > 0 and taken < #entries do
        taken = taken + 1
        local id, after = string.match(entries[taken], '^(%Z+)%z(.*)$')
        step.finished[#step.finished + 1] = { id = id, after = after }
        left = tell_dependants(step, left)
    end
    call('LTRIM', key, taken, -1)
    return { close(step, call('EXISTS', key) == 1) }
end
