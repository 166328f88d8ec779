-- Dependencies.

-- What keeps a task from running: nil, 'wait', or the error of a dependency that cannot succeed.
local function hindrance(step, dependencies, runs_anyway)
    local waits = false
    for _, dependency in ipairs(dependencies) do
        local other = load(step, dependency)
        local state = other and other.s
        if not state then
            if not runs_anyway then
                return error_of('dependency_missing', 'Task ' .. dependency .. ', on which this one depends, was deleted.', PERMANENT)
            end
        elseif is_final(state) then
            if state ~= SUCCEEDED and not runs_anyway then
                return error_of('dependency_failed', 'Task ' .. dependency .. ', on which this one depends, is ' ..
                    WORDS[state] .. '. Retry that one, then this one.', PERMANENT)
            end
        else
            waits = true
        end
    end
    return waits and 'wait' or nil
end

-- Nothing keeps the task from running but its time.
local function make_ready(step, task)
    if task.nb and task.nb > step.now then
        move(step, task, SCHEDULED, task.nb, '', KINDS[QUEUED])
    else
        move(step, task, QUEUED, nil)
    end
end

local function unblock(step, task)
    local fault = hindrance(step, call('LRANGE', step.root .. 'd:' .. task.id, 0, -1), task.rd)
    if fault == 'wait' then return end
    if fault then
        task.er = fault
        move(step, task, FAILED, nil)
    else
        make_ready(step, task)
    end
end

-- So many dependants are told in one step: others wait while the server works.
local TOLD_MAX = 500
local ALL = 1000000000

-- Tells the dependants of tasks that finished in this step; what fails by that has dependants of its own. At most left of them:
-- what remains is noted. Answers how many more it would have told.
local function tell_dependants(step, left)
    local done = step.done
    while done < #step.finished and left > 0 do
        local finished, most = step.finished[done + 1], left
        local waiting = call('ZRANGEBYLEX', step.root .. 'w:' .. finished.id, finished.after, '+', 'LIMIT', 0, text(most))
        fetch(step, waiting)
        for _, id in ipairs(waiting) do
            local task = load(step, id)
            if task and task.s == BLOCKED then unblock(step, task) end
        end
        -- To find none costs a look as well.
        left = most - max(1, #waiting)
        if #waiting == most then
            finished.after = '(' .. waiting[most]
        else
            done = done + 1
        end
    end
    local rest = {}
    for i = done + 1, #step.finished do
        rest[#rest + 1] = step.finished[i].id .. '\0' .. step.finished[i].after
    end
    slices('RPUSH', step.root .. 'untold', rest)
    step.done, step.leaves = #step.finished, step.leaves or #rest > 0
    return left
end
