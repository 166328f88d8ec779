-- Ready tasks. Clients take turns, see Rules/OrderRules.cs: a client's tag is its place in the line of clients, at whose
-- end it stands when it begins to wait, and again when it has had a turn.

local function tag_of(step, field)
    local tag = step.tags[field] or step.seen[field]
    if not tag then
        tag = tonumber(call('HGET', step.root .. 'tags', field) or 0)
        step.seen[field] = tag
    end
    return tag
end

local function to_the_end(step, p, share)
    local last = tag_of(step, 'V' .. p) + 1
    step.tags['V' .. p], step.tags[share] = last, last
end

local function waiting_of(step, share)
    step.waiting = step.waiting or {}
    if not step.waiting[share] then
        step.waiting[share] = tonumber(call('HGET', step.root .. 'cw', share) or 0)
    end
    return step.waiting[share]
end

local function enter(step, task, kind)
    local pair, share, line = kind.pair, kind.share, kind.line
    local waiting = waiting_of(step, share)
    if waiting == 0 then to_the_end(step, kind.p, share) end
    step.waiting[share] = waiting + 1
    add(step, 'cw', share, 1)
    add(step, 'occ', pair, 1)
    zadd(step, line, '0', task.id)

    step.heads = step.heads or {}
    local head = step.heads[line] or call('ZRANGE', step.root .. line, '0', '0')[1]
    if not head or task.id < head then
        if head then
            zrem(step, 'u:' .. pair, head .. kind.c)
            zrem(step, 'g:' .. pair, head .. kind.c)
        end
        head = task.id
        zadd(step, 'u:' .. pair, text(tag_of(step, share)), head .. kind.c)
        zadd(step, 'g:' .. pair, '0', head .. kind.c)
    end
    step.heads[line] = head
    step.ready = true
end

-- Takes a task out of its client's line, and shows who is the head now.
local function leave(step, task, kind)
    local pair, share, client = kind.pair, kind.share, kind.c
    local line = step.root .. kind.line
    local before = call('ZRANGE', line, '0', '0')[1]
    call('ZREM', line, task.id)
    local after = call('ZRANGE', line, '0', '0')[1]
    step.waiting = step.waiting or {}
    step.waiting[share] = nil
    add(step, 'cw', share, -1)
    add(step, 'occ', pair, -1)
    if step.heads then step.heads[kind.line] = nil end
    if before then
        call('ZREM', step.root .. 'u:' .. pair, before .. client)
        if before ~= after then call('ZREM', step.root .. 'g:' .. pair, before .. client) end
    end
    if after then
        call('ZADD', step.root .. 'u:' .. pair, text(tag_of(step, share)), after .. client)
        if before ~= after then call('ZADD', step.root .. 'g:' .. pair, '0', after .. client) end
    end
end

-- Puts a task where tasks of its state wait.
local function place(step, task, kind)
    if task.s == QUEUED then
        enter(step, task, kind)
    elseif task.s == SCHEDULED then
        zadd(step, 'due', text(task.v), task.id)
    end
end

local function displace(step, task, kind)
    if task.s == QUEUED then
        leave(step, task, kind)
    elseif task.s == SCHEDULED then
        zrem(step, 'due', task.id)
    elseif task.s == RUNNING then
        zrem(step, 'ls', task.id)
    end
end
