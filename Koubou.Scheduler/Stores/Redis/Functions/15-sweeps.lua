-- What the clock brings.

-- now, most. Each answers the last number, how many, and whether tasks are ready.
local function sweep(key, state_of, apply)
    return function(keys, args)
        local step = begin(keys, args[1])
        local swept, ids = 0, call('ZRANGEBYSCORE', step.root .. key, '-inf', step.stamp, 'LIMIT', 0, args[2])
        fetch(step, ids)
        for _, id in ipairs(ids) do
            local task = load(step, id)
            if task and state_of(task.s) then
                apply(step, task, args)
                swept = swept + 1
            else
                zrem(step, key, id)
            end
        end
        local seq = finish(step)
        return { seq, swept, call('EXISTS', step.root .. 'occ') }
    end
end

local release_due = sweep('due', function(state) return state == SCHEDULED end, function(step, task)
    move(step, task, QUEUED, nil)
end)

-- Whoever left dependants to be told tells them at once, unless it died.
local TELLER_IS_LATE = 1000

local function release(keys, args)
    local answer = release_due(keys, args)
    if call('EXISTS', keys[1] .. 'untold') == 1 then
        local now, telling = begin(keys, args[1]).now, tonumber(call('HGET', keys[1] .. 'meta', 'telling') or 0)
        if math.abs(now - telling) > TELLER_IS_LATE then answer[1] = string.gsub(answer[1], '%+$', '') .. '+' end
    end
    return answer
end

local reap_lapsed = sweep('ls', function(state) return state == RUNNING end, function(step, task, args)
    lose(step, task, "Worker node '" .. (task.n or '') .. "' gave no sign of life for " .. args[3] .. ' seconds.')
end)

local function reap(keys, args)
    local root, now = keys[1], begin(keys, args[1]).now
    if now < tonumber(call('HGET', root .. 'meta', 'reaped') or 0) then
        -- The clock stepped back: no lease lasts longer than one that is given now, or a silent node would keep its tasks.
        local longest = text(now + args[3] * 1000)
        for _, id in ipairs(call('ZRANGEBYSCORE', root .. 'ls', '(' .. longest, '+inf')) do
            call('ZADD', root .. 'ls', longest, id)
        end
    end
    call('HSET', root .. 'meta', 'reaped', text(now))
    return reap_lapsed(keys, args)
end

local expire = sweep('dl', function(state) return not is_final(state) end, function(step, task)
    stop(step, task, EXPIRED)
end)

-- now, finished before, most, first id of that moment. Answers the last number and how many.
local function purge(keys, args)
    local step = begin(keys, args[1])
    local root, before, most = step.root, tonumber(args[2]), tonumber(args[3])
    local removed, after, looked = 0, '-', 0
    -- A task finishes after it was submitted, so the ids bound the search.
    while removed < most and looked < 20 * most do
        local ids = call('ZRANGEBYLEX', root .. 'all', after, '(' .. args[4], 'LIMIT', 0, 200)
        if #ids == 0 then break end
        fetch(step, ids)
        for _, id in ipairs(ids) do
            looked = looked + 1
            local task = load(step, id)
            if task and is_final(task.s) and (task.f or 0) < before and removed < most and not is_needed(step, task) then
                remove(step, task)
                removed = removed + 1
            else
                -- It is not needed again, and they may be many.
                step.rows[id] = nil
            end
            step.raw[id] = nil
        end
        after = '(' .. ids[#ids]
    end
    local keep
    for _ = 1, 1000 do
        local entries = call('XRANGE', root .. 'ev', keep and ('(' .. keep) or '-', '+', 'COUNT', 100)
        local young = false
        for _, entry in ipairs(entries) do
            if tonumber(entry[2][2]) >= before then
                young = true
                break
            end
            keep = entry[1]
        end
        if young or #entries < 100 then break end
    end
    if keep then
        local last = string.match(keep, '^(%d+)')
        call('XTRIM', root .. 'ev', 'MINID', '=', text(tonumber(last) + 1) .. '-0')
    end
    local seq = finish(step)
    forget_batches(step)
    return { seq, removed }
end
