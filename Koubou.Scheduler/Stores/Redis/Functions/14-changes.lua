-- Changes from outside.

-- now, ids. Answers the last number, then for each: changed, state (0: unknown).
local function cancel(keys, args)
    local step = begin(keys, args[1])
    local answer = { 0 }
    for _, id in ipairs(fetch_given(step, args, 2)) do
        local task = load(step, id)
        local changes = task and not is_final(task.s)
        if changes then stop(step, task, CANCELLED) end
        answer[#answer + 1] = changes and 1 or 0
        answer[#answer + 1] = task and task.s or 0
    end
    answer[1] = finish(step)
    return answer
end

local function retry(keys, args)
    local step = begin(keys, args[1])
    local answer, blocked = { 0 }, {}
    for _, id in ipairs(fetch_given(step, args, 2)) do
        local task = load(step, id)
        local changes = task and task.s >= FAILED
        if changes then
            task.u, task.er, task.f = 0, nil, nil
            if task.d and task.d > step.now then
                zadd(step, 'dl', text(task.d), task.id)
            else
                -- Else it would expire again at once.
                task.d = nil
            end
            if task.dp then
                move(step, task, BLOCKED, nil, '', KINDS[QUEUED])
                blocked[#blocked + 1] = task
            else
                make_ready(step, task)
            end
        end
        answer[#answer + 1] = changes and 1 or 0
        answer[#answer + 1] = task and task.s or 0
    end
    -- Only now all are back: one may depend on another.
    for _, task in ipairs(blocked) do
        if task.s == BLOCKED then unblock(step, task) end
    end
    answer[1] = finish(step)
    return answer
end

local function remove(step, task)
    local root, id = step.root, task.id
    local kind = kind_of(step, task)
    count(step, task, kind, task.s, nil)
    event(step, task, kind, DELETED)
    step.rows[id], step.changed[id] = false, nil
    step.removed[#step.removed + 1] = id
    zrem(step, 'all', id)
    if task.ik and call('HGET', root .. 'idem', task.ik) == id then call('HDEL', root .. 'idem', task.ik) end
    local labels = call('LRANGE', root .. 'k:' .. id, 0, -1)
    for i = 1, #labels, 2 do zrem(step, 'l:' .. labels[i] .. '\0' .. labels[i + 1], id) end
    if task.dp then
        for _, dependency in ipairs(call('LRANGE', root .. 'd:' .. id, 0, -1)) do call('ZREM', root .. 'w:' .. dependency, id) end
    end
    if kind.b then
        zrem(step, 'bi:' .. kind.b, id)
        step.emptied = step.emptied or {}
        step.emptied[kind.b] = true
    end
    call('DEL', root .. 'd:' .. id, root .. 'w:' .. id, root .. 'k:' .. id)
end

local function forget_batches(step)
    for batch in pairs(step.emptied or {}) do
        if call('EXISTS', step.root .. 'bi:' .. batch) == 0 then
            call('DEL', step.root .. 'b:' .. batch)
            call('ZREM', step.root .. 'bs', batch)
        end
    end
end

-- The end of a task decides what becomes of the blocked ones that depend on it.
local function is_needed(step, task)
    if task.wd then
        -- Backwards: those who know come first.
        local key, before = step.root .. 'w:' .. task.id, '+'
        repeat
            local waiting = call('ZREVRANGEBYLEX', key, before, '-', 'LIMIT', 0, 200)
            fetch(step, waiting)
            for _, id in ipairs(waiting) do
                local other = load(step, id)
                if other and other.s == BLOCKED then return true end
            end
            before = #waiting == 200 and '(' .. waiting[200]
        until not before
    end
    return false
end

local function delete(keys, args)
    local step = begin(keys, args[1])
    local answer = { 0 }
    for _, id in ipairs(fetch_given(step, args, 2)) do
        local task = load(step, id)
        local changes = task and is_final(task.s) and not is_needed(step, task)
        if changes then remove(step, task) end
        answer[#answer + 1] = changes and 1 or 0
        answer[#answer + 1] = task and task.s or 0
    end
    answer[1] = finish(step)
    forget_batches(step)
    return answer
end
