-- Tasks of another workshop.

-- now, n, then for each: id, lane, type, priority, client, batch, policy, idempotency key, state, not before, due,
-- deadline, started, finished, attempts used, attempts max, attempts counted, number of the newest, error, attempts,
-- event facts, node, output, its bytes, runs anyway, spec, labels × 2, names and values, dependencies, ids.
-- Answers the last number and how many were taken.
local function import(keys, args)
    local step = begin(keys, args[1])
    local root = step.root
    local at, taken, blocked = 3, 0, {}
    for _ = 1, tonumber(args[2]) do
        local function arg(i) return args[at + i - 1] end
        local function some(i) return arg(i) ~= '' and arg(i) or nil end
        local function more(i) return arg(i) ~= '0' and tonumber(arg(i)) or nil end
        local task = {
            id = arg(1), s = tonumber(arg(9)),
            nb = more(10), v = more(11), d = more(12), x = more(13), f = more(14), u = tonumber(arg(15)), m = tonumber(arg(16)),
            a = tonumber(arg(17)), an = tonumber(arg(18)), er = some(19), h = some(20), ef = some(21), n = some(22),
            ob = more(24), rd = arg(25) == '1' and 1 or nil,
        }
        local lane, type, p, client, batch = arg(2), arg(3), arg(4), arg(5), arg(6)
        local policy, output, spec = arg(7), arg(23), arg(26)
        local key = some(8) and (client .. '\0' .. arg(8))
        at = at + 26
        local labels, dependencies = {}, {}
        local n = tonumber(args[at])
        for i = 1, n * 2 do labels[i] = args[at + i] end
        at = at + 1 + n * 2
        n = tonumber(args[at])
        for i = 1, n do dependencies[i] = args[at + i] end
        at = at + 1 + n
        if not load(step, task.id) then
            taken = taken + 1
            task.kd = name_kind(lane_of(step, lane), p, client, batch, type)
            if key and call('HSETNX', root .. 'idem', key, task.id) == 1 then task.ik = key end
            if #dependencies > 0 then task.dp = 1 end
            if output ~= '' then
                step.outputs[#step.outputs + 1] = task.id
                step.outputs[#step.outputs + 1] = output
            end
            task.v = task.s == SCHEDULED and (task.v or step.now) or nil
            local kind = kind_of(step, task)
            count(step, task, kind, nil, task.s)
            if not is_final(task.s) then place(step, task, kind) end
            event(step, task, kind, SUBMITTED)
            keep(step, task, kind, policy, spec, labels, dependencies)
            if task.s == BLOCKED then blocked[#blocked + 1] = task end
        end
    end
    -- What they wait for may have come in finished.
    for _, task in ipairs(blocked) do
        if task.s == BLOCKED then unblock(step, task) end
    end
    return { finish(step), taken }
end
