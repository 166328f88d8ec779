-- Attempts. A record in h is a letter, the length and the bytes: B begins one, E adds how it ended, A is artifacts.

local function record(letter, body)
    return letter .. varint(#body) .. body
end

local function end_attempt(step, task, fields)
    if task.an > 0 then
        step.ended_at = step.ended_at or bytes(9, seconds(step.now))
        task.h = task.h .. record('E', step.ended_at .. fields)
    end
end

local function error_of(code, message, kind)
    return bytes(1, code) .. bytes(2, message) .. number(3, kind)
end

-- Moves a task on and tells of it. due: for a scheduled one.
local function move(step, task, state, due, ended, what)
    local from, kind = task.s, kind_of(step, task)
    displace(step, task, kind)
    count(step, task, kind, from, state)
    task.s = state
    if is_final(state) then
        task.f = step.now
        if task.d then zrem(step, 'dl', task.id) end
        if task.wd then step.finished[#step.finished + 1] = { id = task.id, after = '-' } end
    else
        task.v = due
        place(step, task, kind)
    end
    event(step, task, kind, what or KINDS[state], ended)
end

-- What becomes of a task whose attempt ended without an answer: Rules/FailureRules.cs, in the server's tongue.

local function after_failure(step, task, kind, wait)
    if kind == PERMANENT or task.u >= task.m then return FAILED end
    local due = step.now + wait
    if task.d and task.d <= due then return EXPIRED end
    return SCHEDULED, due
end

local function after_loss(step, task)
    if task.u >= task.m then return FAILED end
    if task.d and task.d <= step.now then return EXPIRED end
    return QUEUED
end

local function after_given_back(step, task, wait)
    local due = step.now + wait
    if task.d and task.d <= due then return EXPIRED end
    if wait > 0 then return SCHEDULED, due end
    return QUEUED
end

local function run_time(step, task)
    if not task.la then return '' end
    local ran = max(0, step.now - task.la)
    local told = step.spans[ran]
    if not told then
        told = span(17, ran)
        step.spans[ran] = told
    end
    return told
end

local function lose(step, task, reason)
    local fault = error_of('lease_lost', reason, TRANSIENT)
    end_attempt(step, task, number(14, 4) .. bytes(15, fault))
    task.er, task.k, task.gl = fault, nil, nil
    local state, due = after_loss(step, task)
    move(step, task, state, due, run_time(step, task))
end

-- Ends a live task from outside.
local function stop(step, task, state)
    local ended = ''
    if task.s == RUNNING then
        end_attempt(step, task, number(14, 5))
        task.gl = nil
        ended = run_time(step, task)
    end
    move(step, task, state, nil, ended)
end
