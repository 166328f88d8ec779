-- How attempts ended.

local ACCEPTED, ALREADY_RECORDED, LEASE_LOST = 1, 2, 3

local function give_back(step, task, f)
    end_attempt(step, task, f.attempt)
    -- Of a row of attempts that were given back the last one tells enough.
    if task.gl then
        task.h = string.sub(task.h, 1, task.gl) .. string.sub(task.h, task.hl + 1)
    else
        task.gl = task.hl
    end
    task.u, task.a = task.u - 1, task.a - 1
    task.er = f.fault ~= '' and f.fault or nil
    local state, due = after_given_back(step, task, f.wait)
    move(step, task, state, due, f.ended)
end

-- now, n, then for each: how (c completed, f failed, g given back, l lost), id, token, attempt fields, event facts, error,
-- output, its bytes, artifacts, failure kind, wait after attempt 1 to N as a list or one number, reason.
-- Answers the last number and an outcome for each.
local function settle(keys, args)
    local step = begin(keys, args[1])
    local answer, n, ids = { 0 }, tonumber(args[2]), {}
    for i = 1, n do ids[i] = args[12 * i - 8] end
    fetch(step, ids)
    for i = 1, n do
        local at = 12 * i - 9
        local id, token = ids[i], args[at + 2]
        local task = load(step, id)
        local outcome = LEASE_LOST
        -- The token decides, not the worker: a late answer must never overwrite the next worker's.
        if task and task.k == token then
            if task.s == RUNNING then
                outcome = ACCEPTED
                local how, attempt, fault = args[at], args[at + 3], args[at + 5]
                local ended = run_time(step, task)
                task.ef = args[at + 4] ~= '' and args[at + 4] or nil
                if how == 'c' then
                    end_attempt(step, task, attempt)
                    if args[at + 8] ~= '' then task.h = task.h .. record('A', args[at + 8]) end
                    if args[at + 6] ~= '' then
                        step.outputs[#step.outputs + 1] = id
                        step.outputs[#step.outputs + 1] = args[at + 6]
                        task.ob = tonumber(args[at + 7])
                    end
                    task.er, task.gl = nil, nil
                    move(step, task, SUCCEEDED, nil, ended)
                elseif how == 'f' then
                    end_attempt(step, task, attempt)
                    task.er, task.gl = fault ~= '' and fault or nil, nil
                    local waits = {}
                    for wait in string.gmatch(args[at + 10], '%d+') do waits[#waits + 1] = tonumber(wait) end
                    local state, due = after_failure(step, task, tonumber(args[at + 9]), waits[min(task.u, #waits)])
                    move(step, task, state, due, ended)
                elseif how == 'g' then
                    give_back(step, task, { attempt = attempt, fault = fault, wait = tonumber(args[at + 10]), ended = ended })
                else
                    task.ef = nil
                    lose(step, task, args[at + 11])
                end
            elseif task.s ~= CANCELLED and task.s ~= EXPIRED then
                outcome = ALREADY_RECORDED
            end
        end
        answer[i + 1] = outcome
    end
    answer[1] = finish(step)
    return answer
end
