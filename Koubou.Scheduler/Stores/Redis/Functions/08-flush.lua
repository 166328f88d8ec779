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

-- Answers the last number, with a + where dependants are still to be told: go_on is to be called.
local function finish(step)
    local more = #step.finished > 0 and tell_dependants(step)
    local last = flush(step)
    return more and (last .. '+') or last
end

-- now. Tells more dependants of tasks that finished in earlier steps. Answers the last number.
local function go_on(keys, args)
    local step = begin(keys, args[1])
    for _, entry in ipairs(call('LPOP', step.root .. 'told', TOLD_MAX) or {}) do
        local id, after = string.match(entry, '^(%Z+)%z(.*)$')
        step.finished[#step.finished + 1] = { id = id, after = after }
    end
    return { finish(step) }
end
