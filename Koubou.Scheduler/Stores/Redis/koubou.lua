#!lua name=@LIBRARY@

-- The steps of the queue, each atomic, each for one task or a thousand in one round trip.
--
-- The only declared key is the queue's root, "{koubou:main}:"; all others begin with it and so lie in its hash slot:
--   t:ID hash   the task           s:ID string its spec        h:ID string its attempts     o:ID string its output
--   d:ID list   its dependencies   w:ID set    its dependants  k:ID list   its labels
--   q:LANE:P:CLIENT zset  ready tasks of one client in the order of submission, all scores 0
--   u:LANE:P zset  whose turn it is: the id of each client's head and the client, by the client's tag
--   g:LANE:P zset  the same by the age of the head, all scores 0
--   all zset, fN zset (failed, cancelled, expired), blk zset: ids in the order of submission, all scores 0
--   due, dl, ls zset: not before, deadline, end of lease, in milliseconds
--   cnt hash tasks by state   cl hash live ones by client   wt hash waiting ones by type and priority, wq the queued
--   occ hash ready ones by LANE:P   cw hash ready ones by P:CLIENT   tags hash the tag of each P:CLIENT, and the last
--   that was given of each P as VP
--   idem, lanes, laneno, meta, nonce hash; bs zset, b:ID hash, bi:ID zset: batches
--   ev stream   the log of changes: one entry a step, its id the number of its last event
--
-- Fields of a task: s state, p priority, l lane, y type, c client, b batch, pl policy, u attempts used, m attempts max,
-- a attempts counted, an number of the newest, k lease token, n node, la leased at, v due, d deadline, x started,
-- f finished, e last event, ob output bytes, er error, ef facts of the newest attempt for events, hl where the
-- newest attempt begins in h, gl where the last of a row of given back ones begins, ik idempotency key, rd runs though
-- a dependency failed, wd has dependants, dp has dependencies, lb has labels, nb not before.

local BLOCKED, SCHEDULED, QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED, EXPIRED = 1, 2, 3, 4, 5, 6, 7, 8
local SUBMITTED = 1
local KINDS = { [SCHEDULED] = 3, [QUEUED] = 4, [SUCCEEDED] = 5, [FAILED] = 6, [CANCELLED] = 7, [EXPIRED] = 8 }
local DELETED = 9
local STARTED = 2
local TRANSIENT, PERMANENT = 1, 2
-- States as the server keeps them. Numbers that are joined to a text or handed to the server are printed as fractions,
-- which costs more than most commands: what is not calculated with stays text, priorities among it.
local STATES = { '1', '2', '3', '4', '5', '6', '7', '8' }
local WORDS = { 'blocked', 'scheduled', 'queued', 'running', 'succeeded', 'failed', 'cancelled', 'expired' }

-- The server's library is known only while a function runs.
local call, char, floor, format, max, min

-- Protocol buffers, as far as needed: appended fields merge with those before.

local function varint(n)
    if n < 128 then return char(n) end
    if n < 16384 then return char(n % 128 + 128, floor(n / 128)) end
    if n < 2097152 then return char(n % 128 + 128, floor(n / 128) % 128 + 128, floor(n / 16384)) end
    if n < 268435456 then
        return char(n % 128 + 128, floor(n / 128) % 128 + 128, floor(n / 16384) % 128 + 128, floor(n / 2097152))
    end
    local bytes = {}
    while n >= 128 do
        bytes[#bytes + 1] = char(n % 128 + 128)
        n = floor(n / 128)
    end
    bytes[#bytes + 1] = char(n)
    return table.concat(bytes)
end

local function number(field, n)
    if n == 0 then return '' end
    return varint(field * 8) .. varint(n)
end

local function bytes(field, s)
    local length = #s
    if length == 0 then return '' end
    if length < 128 and field < 16 then return char(field * 8 + 2, length) .. s end
    return varint(field * 8 + 2) .. varint(length) .. s
end

-- A moment or a span: whole seconds and nanoseconds.
local function seconds(ms)
    return number(1, floor(ms / 1000)) .. number(2, (ms % 1000) * 1000000)
end

local function span(field, ms)
    return bytes(field, seconds(ms))
end

local function text(n)
    -- Not %.0f: the server's library prints fractions ten times as slowly.
    return format('%d', n)
end

local function milliseconds(id)
    return tonumber(string.sub(id, 1, 8) .. string.sub(id, 10, 13), 16)
end

local function is_final(state)
    return state >= SUCCEEDED
end

-- One step: what it changes is gathered and written once at its end.

local function begin(keys, now)
    local root = keys[1]
    now = tonumber(now)
    if now == 0 then
        local t = call('TIME')
        now = t[1] * 1000 + floor(t[2] / 1000)
    end
    local meta = call('HMGET', root .. 'meta', 'seq', 'keep', 'lanes')
    return {
        root = root, now = now, moment = seconds(now), stamp = text(now), seq = tonumber(meta[1] or 0), keep = meta[2] or 200000, lanes_made = meta[3] or '0',
        first = nil, events = {}, alike = {}, sums = {}, tags = {}, seen = {}, sets = {}, lists = {}, ready = false,
        finished = {},
    }
end

local function add(step, hash, field, by)
    local of = step.sums[hash]
    if not of then
        of = {}
        step.sums[hash] = of
    end
    of[field] = (of[field] or 0) + by
end

-- Sorted sets and lists are written once at the end of the step; of several changes of one member the last one counts.
local function zadd(step, key, score, id)
    local set = step.sets[key]
    if not set then
        set = {}
        step.sets[key] = set
    end
    set[id] = score
end

local function zrem(step, key, id)
    zadd(step, key, false, id)
end

local function rpush(step, key, id)
    local list = step.lists[key]
    if not list then
        list = {}
        step.lists[key] = list
    end
    list[#list + 1] = id
end

-- Many arguments go in slices: Lua's stack is finite.
local function slices(command, key, list)
    for from = 1, #list, 2000 do
        call(command, key, unpack(list, from, min(#list, from + 1999)))
    end
end

local function flush(step)
    local root = step.root
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
    for key, list in pairs(step.lists) do
        slices('RPUSH', root .. key, list)
    end
    for field, tag in pairs(step.tags) do
        call('HSET', root .. 'tags', field, text(tag))
    end
    for hash, of in pairs(step.sums) do
        for field, by in pairs(of) do
            if by ~= 0 and call('HINCRBY', root .. hash, field, text(by)) == 0 then
                call('HDEL', root .. hash, field)
                -- A client with nothing waiting begins anew.
                if hash == 'cw' then call('HDEL', root .. 'tags', field) end
            end
        end
    end
    if #step.events > 0 then
        local body = table.concat(step.events)
        local last = text(step.seq)
        call('HSET', root .. 'meta', 'seq', last)
        call('XADD', root .. 'ev', 'MAXLEN', '~', step.keep, last .. '-0', 't', step.stamp, 'b', body)
        call('PUBLISH', root .. 'c', text(step.first) .. ' ' .. (step.ready and '1' or '0') .. ' ' .. body)
    elseif step.ready then
        call('PUBLISH', root .. 'c', text(step.seq + 1) .. ' 1 ')
    end
    return text(step.seq)
end

local NUMBERS = { 's', 'u', 'm', 'a', 'an', 'la', 'v', 'd', 'x', 'hl', 'nb', 'f' }

-- A task as its row tells it; row: the fields as they are kept.
local function load(step, id)
    local row = call('HGETALL', step.root .. 't:' .. id)
    if #row == 0 then return nil end
    local kept = {}
    for i = 1, #row, 2 do kept[row[i]] = row[i + 1] end
    local task = {
        id = id, row = kept, p = kept.p, l = kept.l, y = kept.y, c = kept.c, b = kept.b, k = kept.k, n = kept.n, er = kept.er,
        ef = kept.ef, gl = kept.gl, rd = kept.rd, wd = kept.wd, dp = kept.dp, ik = kept.ik,
    }
    for i = 1, #NUMBERS do
        local name = NUMBERS[i]
        task[name] = tonumber(kept[name] or 0)
    end
    return task
end

-- Counts a task out of one state and into another; nil: it is not there.
local function count(step, task, from, to)
    if from then add(step, 'cnt', STATES[from], -1) end
    if to then add(step, 'cnt', STATES[to], 1) end
    local waited = from ~= nil and from <= QUEUED
    local waits = to ~= nil and to <= QUEUED
    if waited ~= waits then add(step, 'wt', task.y .. '\0' .. task.p, waits and 1 or -1) end
    local queued = (to == QUEUED and 1 or 0) - (from == QUEUED and 1 or 0)
    if queued ~= 0 then add(step, 'wq', task.y .. '\0' .. task.p, queued) end
    local lived = from ~= nil and not is_final(from)
    local lives = to ~= nil and not is_final(to)
    if lived ~= lives then add(step, 'cl', task.c, lives and 1 or -1) end
    if from and from >= FAILED then zrem(step, 'f' .. from, task.id) end
    if to and to >= FAILED then zadd(step, 'f' .. to, '0', task.id) end
    if from == BLOCKED then zrem(step, 'blk', task.id) end
    if to == BLOCKED then zadd(step, 'blk', '0', task.id) end
    if task.b then
        local batch = 'b:' .. task.b
        if from then add(step, batch, 's' .. from, -1) end
        if to then add(step, batch, 's' .. to, 1) end
        if to and is_final(to) then call('HSET', step.root .. batch, 'f', step.stamp) end
    end
end

-- What the events of alike tasks have in common in one step.
local function alike(step, task)
    local key = task.y .. '\0' .. task.p .. '\0' .. task.c .. '\0' .. (task.b or '')
    local common = step.alike[key]
    if not common then
        common = bytes(2, step.moment) .. bytes(5, task.y) .. number(7, tonumber(task.p)) .. bytes(8, task.c) .. bytes(9, task.b or '')
        step.alike[key] = common
    end
    return common
end

-- kind: what happened. ended: fields of the attempt that ended with it, else ''.
local function event(step, task, kind, ended)
    step.seq = step.seq + 1
    step.first = step.first or step.seq
    -- 24 and 48: the fields 3 and 6, each one byte.
    local body = number(1, step.seq) .. char(24, kind, 48, task.s) .. bytes(4, task.id) .. alike(step, task)
    if kind ~= SUBMITTED and task.an > 0 then
        body = body .. number(10, task.an) .. bytes(11, task.n or '') .. (task.ef or '') .. bytes(15, task.er or '')
    elseif kind ~= SUBMITTED and task.er then
        body = body .. bytes(15, task.er)
    end
    if ended then body = body .. ended end
    step.events[#step.events + 1] = bytes(1, body)
    task.e = step.seq
end

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

local function enter(step, task)
    local pair = task.l .. ':' .. task.p
    local share = task.p .. ':' .. task.c
    local line = 'q:' .. pair .. ':' .. task.c
    local waiting = waiting_of(step, share)
    if waiting == 0 then to_the_end(step, task.p, share) end
    step.waiting[share] = waiting + 1
    add(step, 'cw', share, 1)
    add(step, 'occ', pair, 1)
    zadd(step, line, '0', task.id)

    step.heads = step.heads or {}
    local head = step.heads[line] or call('ZRANGE', step.root .. line, '0', '0')[1]
    if not head or task.id < head then
        if head then
            zrem(step, 'u:' .. pair, head .. task.c)
            zrem(step, 'g:' .. pair, head .. task.c)
        end
        head = task.id
        zadd(step, 'u:' .. pair, text(tag_of(step, share)), head .. task.c)
        zadd(step, 'g:' .. pair, '0', head .. task.c)
    end
    step.heads[line] = head
    step.ready = true
end

-- Takes tasks of one client out of its line, and shows who is its head now.
local function leave(step, lane, p, client, ids)
    local pair = lane .. ':' .. p
    local line = step.root .. 'q:' .. pair .. ':' .. client
    local share = p .. ':' .. client
    local before = call('ZRANGE', line, '0', '0')[1]
    call('ZREM', line, unpack(ids))
    local after = call('ZRANGE', line, '0', '0')[1]
    step.waiting = step.waiting or {}
    step.waiting[share] = nil
    add(step, 'cw', share, -#ids)
    add(step, 'occ', pair, -#ids)
    if step.heads then step.heads['q:' .. pair .. ':' .. client] = nil end
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
local function place(step, task)
    if task.s == QUEUED then
        enter(step, task)
    elseif task.s == SCHEDULED then
        zadd(step, 'due', text(task.v), task.id)
    end
end

local function displace(step, task)
    if task.s == QUEUED then
        leave(step, task.l, task.p, task.c, { task.id })
    elseif task.s == SCHEDULED then
        zrem(step, 'due', task.id)
    elseif task.s == RUNNING then
        zrem(step, 'ls', task.id)
    end
end

-- Attempts. A record in h is a letter, the length and the bytes: B begins one, E adds how it ended, A is artifacts.

local function record(letter, body)
    return letter .. varint(#body) .. body
end

local function end_attempt(step, task, fields)
    if task.an == 0 then return end
    call('APPEND', step.root .. 'h:' .. task.id, record('E', bytes(9, step.moment) .. fields))
end

local function error_of(code, message, kind)
    return bytes(1, code) .. bytes(2, message) .. number(3, kind)
end

-- Moves a task on and tells of it. due: for a scheduled one.
local function move(step, task, state, due, ended, kind)
    local from = task.s
    displace(step, task)
    count(step, task, from, state)
    task.s = state
    local fields, row = { 's', STATES[state] }, task.row
    local function set(name, value)
        if row[name] ~= value then
            fields[#fields + 1] = name
            fields[#fields + 1] = value
        end
    end
    if is_final(state) then
        task.f = step.now
        set('f', step.stamp)
        if task.d > 0 then zrem(step, 'dl', task.id) end
        if task.wd then step.finished[#step.finished + 1] = { id = task.id, s = state } end
    else
        task.v = due or 0
        set('v', text(task.v))
        place(step, task)
    end
    event(step, task, kind or KINDS[state], ended)
    set('e', text(task.e))
    set('u', text(task.u))
    set('a', text(task.a))
    set('an', text(task.an))
    if (row.k or '0') ~= (task.k or '0') then set('k', task.k or '0') end
    if (row.ef or '') ~= (task.ef or '') then set('ef', task.ef or '') end
    if (row.gl or '') ~= (task.gl or '') then set('gl', task.gl or '') end
    if (row.er or '') ~= (task.er or '') then set('er', task.er or '') end
    if task.ob then set('ob', task.ob) end
    for i = 1, #fields, 2 do row[fields[i]] = fields[i + 1] end
    call('HSET', step.root .. 't:' .. task.id, unpack(fields))
end

-- What becomes of a task whose attempt ended without an answer: Rules/FailureRules.cs, in the server's tongue.

local function after_failure(step, task, kind, wait)
    if kind == PERMANENT or task.u >= task.m then return FAILED end
    local due = step.now + wait
    if task.d > 0 and task.d <= due then return EXPIRED end
    return SCHEDULED, due
end

local function after_loss(step, task)
    if task.u >= task.m then return FAILED end
    if task.d > 0 and task.d <= step.now then return EXPIRED end
    return QUEUED
end

local function after_given_back(step, task, wait)
    local due = step.now + wait
    if task.d > 0 and task.d <= due then return EXPIRED end
    if wait > 0 then return SCHEDULED, due end
    return QUEUED
end

local function run_time(step, task)
    return task.la > 0 and span(17, max(0, step.now - task.la)) or ''
end

local function lose(step, task, reason)
    local fault = error_of('lease_lost', reason, TRANSIENT)
    end_attempt(step, task, number(14, 4) .. bytes(15, fault))
    task.er, task.k, task.gl = fault, '0', ''
    local state, due = after_loss(step, task)
    move(step, task, state, due, run_time(step, task))
end

-- Ends a live task from outside.
local function stop(step, task, state)
    local ended = ''
    if task.s == RUNNING then
        end_attempt(step, task, number(14, 5))
        task.gl = ''
        ended = run_time(step, task)
    end
    move(step, task, state, nil, ended)
end

-- Dependencies.

-- What keeps a task from running: nil, 'wait', or the error of a dependency that cannot succeed.
local function hindrance(step, dependencies, runs_anyway)
    local waits = false
    for _, dependency in ipairs(dependencies) do
        local state = tonumber(call('HGET', step.root .. 't:' .. dependency, 's') or 0)
        if state == 0 then
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

local function unblock(step, task)
    local fault = hindrance(step, call('LRANGE', step.root .. 'd:' .. task.id, 0, -1), task.rd)
    if fault == 'wait' then return end
    if fault then
        task.er = fault
        move(step, task, FAILED, nil)
    elseif task.nb > step.now then
        move(step, task, SCHEDULED, task.nb, '', KINDS[QUEUED])
    else
        move(step, task, QUEUED, nil)
    end
end

-- Tells dependants of finished tasks; what fails by that has dependants of its own.
local function settle_dependants(step)
    local done = 0
    while done < #step.finished do
        done = done + 1
        local of = step.finished[done].id
        local key = step.root .. 'w:' .. of
        local waiting = call('SMEMBERS', key)
        table.sort(waiting)
        for _, id in ipairs(waiting) do
            local task = load(step, id)
            if task and task.s == BLOCKED then unblock(step, task) end
        end
    end
end

local function finish(step)
    if #step.finished > 0 then settle_dependants(step) end
    return flush(step)
end

-- Takes tasks in.

local function lane_of(step, encoded)
    step.lanes = step.lanes or {}
    local lane = step.lanes[encoded]
    if lane then return lane end
    lane = call('HGET', step.root .. 'laneno', encoded)
    if not lane then
        lane = text(call('HINCRBY', step.root .. 'meta', 'lanes', 1))
        call('HSET', step.root .. 'laneno', encoded, lane)
        call('HSET', step.root .. 'lanes', lane, encoded)
    end
    step.lanes[encoded] = lane
    return lane
end

-- A spec as it is kept: the length of all but the prompt in 4 bytes, that, and the prompt. What it depends on is added
-- here, since an id may have turned out to be that of an earlier task with the same idempotency key.
local function with_dependencies(spec, dependencies)
    if #dependencies == 0 then return spec end
    local length = struct.unpack('>I4', spec)
    local added = {}
    for i, dependency in ipairs(dependencies) do added[i] = bytes(12, dependency) end
    local all = table.concat(added)
    return struct.pack('>I4', length + #all) .. string.sub(spec, 5, 4 + length) .. all .. string.sub(spec, 5 + length)
end

-- What every new task has: the row itself comes last, when its state is known.
local function keep(step, task, spec, labels, dependencies, fields)
    local root, id = step.root, task.id
    spec = with_dependencies(spec, dependencies)
    call('SET', root .. 's:' .. id, spec)
    zadd(step, 'all', '0', id)
    if task.d > 0 and not is_final(task.s) then zadd(step, 'dl', text(task.d), id) end
    if #labels > 0 then
        call('RPUSH', root .. 'k:' .. id, unpack(labels))
        for i = 1, #labels, 2 do
            zadd(step, 'l:' .. labels[i] .. '\0' .. labels[i + 1], '0', id)
        end
    end
    if #dependencies > 0 then
        call('RPUSH', root .. 'd:' .. id, unpack(dependencies))
        for _, dependency in ipairs(dependencies) do
            call('SADD', root .. 'w:' .. dependency, id)
            if call('EXISTS', root .. 't:' .. dependency) == 1 then call('HSET', root .. 't:' .. dependency, 'wd', 1) end
        end
    end
    if task.b then
        local batch = root .. 'b:' .. task.b
        zadd(step, 'bi:' .. task.b, '0', id)
        if call('HSETNX', batch, 'i', id) == 1 then
            call('HSET', batch, 'c', task.c, 'pl', task.pl)
            call('ZADD', root .. 'bs', milliseconds(id), task.b)
        elseif tonumber(call('HGET', batch, 'pl')) > tonumber(task.pl) then
            call('HSET', batch, 'pl', task.pl)
        end
    end
    call('HSET', root .. 't:' .. id, unpack(fields))
end

-- How many go before a ready task: what has a higher priority, its client's older ones, and of each other client as many
-- as have turns before. view: read once for a whole call.
local function position_of(root, view, id, p, client)
    if not view.occupied then
        view.occupied, view.waiting, view.levels = call('HGETALL', root .. 'occ'), call('HGETALL', root .. 'cw'), {}
    end
    local level = view.levels[p]
    if not level then
        level = { higher = 0, lanes = {}, others = {}, tags = {}, counted = {} }
        for i = 1, #view.occupied, 2 do
            local lane, other = string.match(view.occupied[i], '^(%d+):(%d+)$')
            if tonumber(other) > tonumber(p) then
                level.higher = level.higher + view.occupied[i + 1]
            elseif other == p then
                level.lanes[#level.lanes + 1] = lane
            end
        end
        local waiting = view.waiting
        local prefix = p .. ':'
        for i = 1, #waiting, 2 do
            if string.sub(waiting[i], 1, #prefix) == prefix then
                level.others[waiting[i]] = tonumber(waiting[i + 1])
                level.tags[waiting[i]] = tonumber(call('HGET', root .. 'tags', waiting[i]) or 0)
            end
        end
        view.levels[p] = level
    end
    local share = p .. ':' .. client
    -- New tasks of one call follow each other in the order of submission: the first is looked up, the others are counted on.
    local own = level.counted[share]
    if not own then
        own = 0
        for _, lane in ipairs(level.lanes) do
            own = own + call('ZLEXCOUNT', root .. 'q:' .. lane .. ':' .. p .. ':' .. client, '-', '(' .. id)
        end
    end
    level.counted[share] = own + 1
    local tag = level.tags[share] or 0
    local position = level.higher + own + 1
    for other, waiting in pairs(level.others) do
        if other ~= share then position = position + min(level.tags[other] < tag and own + 1 or own, waiting) end
    end
    return position
end

-- now, most, n, then for each: id, lane, type, priority, client, batch, policy, idempotency key, not before, deadline,
-- attempts max, runs anyway, spec, labels × 2, names and values, dependencies, ids.
-- Answers: 'full' and the count; or the last number, then for each: id, state, duplicate, position.
local function enqueue(keys, args)
    local step = begin(keys, args[1])
    local root = step.root
    local most, n = tonumber(args[2]), tonumber(args[3])
    local counts = call('HMGET', root .. 'cnt', STATES[BLOCKED], STATES[SCHEDULED], STATES[QUEUED], STATES[RUNNING])
    local live = 0
    for i = 1, 4 do live = live + tonumber(counts[i] or 0) end
    local at, tasks, answers = 4, {}, {}
    -- A list that begins with its length, of so many parts each.
    local function list(parts)
        local length, slice = tonumber(args[at]) * parts, {}
        for i = 1, length do slice[i] = args[at + i] end
        at = at + 1 + length
        return slice
    end
    local idems, aliases, fresh, depend = {}, {}, 0, false
    for i = 1, n do
        local client, key = args[at + 4], args[at + 7]
        local task = {
            id = args[at], lane = args[at + 1], y = args[at + 2], p = args[at + 3], c = client,
            b = args[at + 5] ~= '' and args[at + 5] or nil, pl = args[at + 6],
            ik = key ~= '' and (client .. '\0' .. key) or nil, nb = tonumber(args[at + 8]), d = tonumber(args[at + 9]),
            m = tonumber(args[at + 10]), rd = args[at + 11] == '1', spec = args[at + 12],
            u = 0, a = 0, an = 0, v = 0, s = QUEUED,
        }
        at = at + 13
        task.labels = list(2)
        task.dependencies = list(1)
        depend = depend or #task.dependencies > 0
        local known = call('EXISTS', root .. 't:' .. task.id) == 1 and task.id
            or task.ik and (idems[task.ik] or call('HGET', root .. 'idem', task.ik))
        if known then
            -- The same call, sent again because its answer was lost, is no duplicate.
            answers[i] = { id = known, duplicate = known ~= task.id }
            aliases[task.id] = known
        else
            if task.ik then idems[task.ik] = task.id end
            fresh = fresh + 1
            tasks[#tasks + 1] = task
            answers[i] = { id = task.id, task = task }
        end
    end
    if fresh > 0 and live + fresh > most then return { 'full', text(live) } end

    -- First every state, so that tasks of one call see each other.
    for _, task in ipairs(tasks) do
        for i, dependency in ipairs(task.dependencies) do
            task.dependencies[i] = aliases[dependency] or dependency
        end
        if #task.dependencies > 0 then
            task.s = BLOCKED
        elseif task.nb > step.now then
            task.s, task.v = SCHEDULED, task.nb
        end
        if depend then call('HSET', root .. 't:' .. task.id, 's', task.s) end
        if task.ik then call('HSET', root .. 'idem', task.ik, task.id) end
    end
    for _, task in ipairs(tasks) do
        task.l = lane_of(step, task.lane)
        if task.s == BLOCKED then
            local hinders = hindrance(step, task.dependencies, false)
            if not hinders then
                task.s = QUEUED
                if task.nb > step.now then task.s, task.v = SCHEDULED, task.nb end
            elseif hinders ~= 'wait' then
                task.decided = true
            end
        end
        count(step, task, nil, task.s)
        if task.s ~= BLOCKED then place(step, task) end
        event(step, task, SUBMITTED)
        local fields = {
            's', STATES[task.s], 'p', task.p, 'l', task.l, 'y', task.y, 'c', task.c, 'u', '0', 'm', text(task.m),
            'e', text(task.e), 'pl', task.pl,
        }
        local function set(name, value) fields[#fields + 1] = name; fields[#fields + 1] = value end
        if task.b then set('b', task.b) end
        if task.d > 0 then set('d', text(task.d)) end
        if task.v > 0 then set('v', text(task.v)) end
        if task.nb > 0 then set('nb', text(task.nb)) end
        if task.ik then set('ik', task.ik) end
        if #task.labels > 0 then set('lb', 1) end
        if #task.dependencies > 0 then
            set('dp', 1)
            if task.rd then set('rd', 1) end
        end
        keep(step, task, task.spec, task.labels, task.dependencies, fields)
    end
    -- Only now every task of the call is there: what cannot run fails, and takes its dependants with it.
    for _, task in ipairs(tasks) do
        if task.decided then unblock(step, load(step, task.id)) end
    end
    local seq = finish(step)

    local answer = { seq }
    local view = {}
    for i = 1, n do
        local a = answers[i]
        local task = a.task
        local state = task and not task.decided and task.s or tonumber(call('HGET', root .. 't:' .. a.id, 's') or 0)
        answer[#answer + 1] = a.id
        answer[#answer + 1] = state
        answer[#answer + 1] = a.duplicate and 1 or 0
        answer[#answer + 1] = task and state == QUEUED and position_of(root, view, a.id, task.p, task.c) or 0
    end
    return answer
end

-- Leases.

-- The clients of a lane and priority whose turns come next. No lease of so many tasks can concern more clients.
local function open_pair(step, pair)
    local key = step.root .. 'u:' .. pair.lane .. ':' .. pair.p
    while true do
        local stale = false
        local entries = call('ZRANGE', key, '0', text(pair.most - 1), 'WITHSCORES')
        pair.clients = {}
        for i = 1, #entries, 2 do
            local client = string.sub(entries[i], 37)
            local share = pair.p .. ':' .. client
            local tag = tag_of(step, share)
            if tag ~= tonumber(entries[i + 1]) then
                -- It got something in another lane meanwhile.
                call('ZADD', key, text(tag), entries[i])
                stale = true
            end
            pair.clients[i / 2 + 0.5] = { name = client, head = string.sub(entries[i], 1, 36), share = share }
        end
        if not stale then return end
    end
end

local function has_head(pair)
    -- One that nobody looked into is there because tasks wait in it.
    if not pair.clients then return true end
    for i = 1, #pair.clients do
        if pair.clients[i].head then return true end
    end
    return false
end

local function oldest_of(step, pair)
    if pair.oldest then return pair.oldest end
    local oldest
    local touched = 0
    for _, client in pairs(pair.touched) do
        touched = touched + 1
        if client.head and (not oldest or client.head < oldest) then oldest = client.head end
    end
    for _, entry in ipairs(call('ZRANGE', step.root .. 'g:' .. pair.lane .. ':' .. pair.p, '0', text(touched))) do
        if not pair.touched[string.sub(entry, 37)] then
            local head = string.sub(entry, 1, 36)
            if not oldest or head < oldest then oldest = head end
            break
        end
    end
    pair.oldest = oldest
    return oldest
end

-- The age of the oldest and its priority, as one number: the smallest goes first.
local function rank_of(step, pair, level, ageing)
    local oldest = oldest_of(step, pair)
    if oldest and not pair.rank then pair.rank = milliseconds(oldest) - level * ageing end
    return pair.rank
end

local function best_of(step, of)
    local best
    for i = 1, #of do
        local pair = of[i]
        if not pair.clients then open_pair(step, pair) end
        for j = 1, #pair.clients do
            local client = pair.clients[j]
            if client.head then
                local tag = tag_of(step, client.share)
                if not best or tag < best.tag or (tag == best.tag and client.head < best.id) then
                    best = { pair = pair, client = client, id = client.head, tag = tag }
                end
            end
        end
    end
    return best
end

local NONE = {}

-- The order of Rules/OrderRules.cs.
local function choose(step, levels, ageing, affinity, since)
    local p, rank, occupied = nil, nil, 0
    for level = 10, 1, -1 do
        for _, pair in ipairs(levels[level] or NONE) do
            if has_head(pair) then
                occupied, p = occupied + 1, level
                break
            end
        end
    end
    if occupied == 0 then return nil end
    if occupied > 1 then
        for level = 10, 1, -1 do
            for _, pair in ipairs(levels[level] or NONE) do
                local of = has_head(pair) and rank_of(step, pair, level, ageing)
                if of and (not rank or of < rank) then p, rank = level, of end
            end
        end
    end
    local held, others = {}, {}
    for _, pair in ipairs(levels[p]) do
        if has_head(pair) then
            local of = pair.held and held or others
            of[#of + 1] = pair
        end
    end
    if #held > 0 and #others > 0 then
        local oldest
        for _, pair in ipairs(others) do
            local id = oldest_of(step, pair)
            if not oldest or id < oldest then oldest = id end
        end
        local turn = affinity < ageing / #others and affinity or ageing / #others
        if step.now - max(milliseconds(oldest), since) > turn then return best_of(step, levels[p]) end
        return best_of(step, held)
    end
    return best_of(step, levels[p])
end

-- Notes that it was this task's turn; what lies in the server's sets follows at the end, by settle_pairs.
local function take(step, best)
    local pair, client = best.pair, best.client
    if not client.line then
        client.line = call('ZRANGE', step.root .. 'q:' .. pair.lane .. ':' .. pair.p .. ':' .. client.name, '0', text(pair.most))
        client.taken = 0
        pair.touched[client.name] = client
    end
    client.taken = client.taken + 1
    client.head = client.line[client.taken + 1]
    pair.oldest, pair.rank = nil, nil
    to_the_end(step, pair.p, client.share)
end

local function settle_pairs(step, levels)
    for _, of in pairs(levels) do
        for _, pair in ipairs(of) do
            local place = pair.lane .. ':' .. pair.p
            local turns, ages = step.root .. 'u:' .. place, step.root .. 'g:' .. place
            for name, client in pairs(pair.touched) do
                call('ZREMRANGEBYRANK', step.root .. 'q:' .. place .. ':' .. name, '0', text(client.taken - 1))
                add(step, 'cw', client.share, -client.taken)
                add(step, 'occ', place, -client.taken)
                call('ZREM', turns, client.line[1] .. name)
                call('ZREM', ages, client.line[1] .. name)
                if client.head then
                    call('ZADD', turns, text(tag_of(step, client.share)), client.head .. name)
                    call('ZADD', ages, '0', client.head .. name)
                end
            end
        end
    end
end

-- now, duration, ageing step, affinity delay, node, nonce, lanes known, count, fitting lanes, held lanes or 'any', since
-- when their tasks go first, tokens. A task that needs another model than the held ones is the last of its lease.
-- Answers: 'lanes', their number and all of them; or the last number, then for each: id, token, attempt, spec.
local function lease(keys, args)
    local step = begin(keys, args[1])
    local root = step.root
    if step.lanes_made ~= args[7] then return { 'lanes', step.lanes_made, call('HGETALL', root .. 'lanes') } end

    -- The same wish again: its answer was lost.
    local node, nonce = args[5], args[6]
    local answer = { 0 }
    local said = call('HGET', root .. 'nonce', node)
    if said and string.sub(said, 1, #nonce + 1) == nonce .. ' ' then
        for id, token in string.gmatch(string.sub(said, #nonce + 2), '(%S+) (%S+)') do
            local now = call('HMGET', root .. 't:' .. id, 's', 'k', 'an')
            if tonumber(now[1] or 0) == RUNNING and now[2] == token then
                local size = #answer
                answer[size + 1], answer[size + 2], answer[size + 3] = id, token, tonumber(now[3])
                answer[size + 4] = call('GET', root .. 's:' .. id) or ''
            end
        end
        if #answer > 1 then
            answer[1] = text(step.seq)
            return answer
        end
    end

    local duration, ageing, affinity = tonumber(args[2]), tonumber(args[3]), tonumber(args[4])
    local most = tonumber(args[8])
    local fits, holds, since = {}, {}, tonumber(args[11])
    for lane in string.gmatch(args[9], '%d+') do fits[lane] = true end
    for lane in string.gmatch(args[10], '%d+') do holds[lane] = true end
    local levels, any, pairs_open = {}, false, 0
    for _, field in ipairs(call('HKEYS', root .. 'occ')) do
        local lane, p = string.match(field, '^(%d+):(%d+)$')
        if fits[lane] then
            local level = tonumber(p)
            pairs_open = pairs_open + 1
            levels[level] = levels[level] or {}
            table.insert(
                levels[level],
                { lane = lane, p = p, most = most, held = args[10] == 'any' or holds[lane], touched = {} })
            any = true
        end
    end
    if not any then return { text(step.seq) } end

    local said_now, given = { nonce }, 0
    local until_ = text(step.now + duration)
    local begun = bytes(2, node) .. bytes(8, step.moment) .. number(14, 1)
    while given < most do
        local best = choose(step, levels, ageing, affinity, since)
        if not best then break end
        local id = best.id
        given = given + 1
        take(step, best)
        local task = load(step, id)
        local token = args[11 + given]
        count(step, task, QUEUED, RUNNING)
        task.s, task.k, task.n, task.la, task.ef = RUNNING, token, node, step.now, ''
        task.u, task.a = task.u + 1, task.a + 1
        task.an = task.a
        if task.x == 0 then task.x = step.now end
        local started = record('B', number(1, task.an) .. begun)
        local length = call('APPEND', root .. 'h:' .. id, started)
        zadd(step, 'ls', until_, id)
        event(step, task, STARTED)
        call('HSET', root .. 't:' .. id, 's', STATES[RUNNING], 'k', token, 'n', node, 'la', step.stamp, 'ef', '', 'u', text(task.u),
            'a', text(task.a), 'an', text(task.an), 'x', text(task.x), 'hl', text(length - #started), 'e', text(task.e))
        local size = #answer
        answer[size + 1], answer[size + 2], answer[size + 3] = id, token, task.an
        answer[size + 4] = call('GET', root .. 's:' .. id) or ''
        said_now[#said_now + 1] = id .. ' ' .. token
        if pairs_open > 1 and not best.pair.held then break end
    end
    settle_pairs(step, levels)
    call('HSET', root .. 'nonce', node, table.concat(said_now, ' '))
    answer[1] = finish(step)
    return answer
end

-- now, duration, then for each: id, token. Answers the places of those that are no longer valid.
local function renew(keys, args)
    local step = begin(keys, args[1])
    local until_ = text(step.now + tonumber(args[2]))
    local invalid = {}
    for i = 3, #args, 2 do
        local now = call('HMGET', step.root .. 't:' .. args[i], 's', 'k')
        if tonumber(now[1] or 0) == RUNNING and now[2] == args[i + 1] then
            zadd(step, 'ls', until_, args[i])
        else
            invalid[#invalid + 1] = (i - 3) / 2
        end
    end
    finish(step)
    return invalid
end

-- node. Answers ids and tokens.
local function leases(keys, args)
    local root, answer = keys[1], {}
    for _, id in ipairs(call('ZRANGE', root .. 'ls', 0, -1)) do
        local now = call('HMGET', root .. 't:' .. id, 'n', 'k')
        if now[1] == args[1] then
            answer[#answer + 1] = id
            answer[#answer + 1] = now[2]
        end
    end
    return answer
end

local ACCEPTED, ALREADY_RECORDED, LEASE_LOST = 1, 2, 3

local function give_back(step, task, f)
    end_attempt(step, task, f.attempt)
    -- Of a row of attempts that were given back the last one tells enough.
    if task.gl and task.gl ~= '' then
        local key = step.root .. 'h:' .. task.id
        local history = call('GET', key)
        call('SET', key, string.sub(history, 1, tonumber(task.gl)) .. string.sub(history, task.hl + 1))
    else
        task.gl = text(task.hl)
    end
    task.u, task.a = task.u - 1, task.a - 1
    task.er = f.fault ~= '' and f.fault or nil
    local state, due = after_given_back(step, task, f.wait)
    move(step, task, state, due, f.ended)
end

-- now, n, then for each: how (c completed, f failed, g given back, l lost), id, token, attempt fields, event facts, zone,
-- error, output, its bytes, artifacts, failure kind, wait after attempt 1 to N as a list or one number, reason.
-- Answers the last number and an outcome for each.
local function settle(keys, args)
    local step = begin(keys, args[1])
    local root = step.root
    local answer, at = { 0 }, 3
    for i = 1, tonumber(args[2]) do
        local f = {
            how = args[at], id = args[at + 1], token = args[at + 2], attempt = args[at + 3], facts = args[at + 4],
            ended = args[at + 5], fault = args[at + 6], output = args[at + 7], size = args[at + 8],
            artifacts = args[at + 9], kind = tonumber(args[at + 10]), wait = args[at + 11], reason = args[at + 12],
        }
        at = at + 13
        local task = load(step, f.id)
        local outcome = LEASE_LOST
        -- The token decides, not the worker: a late answer must never overwrite the next worker's.
        if task and task.k == f.token and f.token ~= '0' then
            if task.s == RUNNING then
                outcome = ACCEPTED
                f.ended = f.ended .. run_time(step, task)
                task.ef = f.facts
                if f.how == 'c' then
                    end_attempt(step, task, f.attempt)
                    if f.artifacts ~= '' then call('APPEND', root .. 'h:' .. f.id, record('A', f.artifacts)) end
                    if f.output ~= '' then
                        call('SET', root .. 'o:' .. f.id, f.output)
                        task.ob = f.size
                    end
                    task.er, task.gl = nil, ''
                    move(step, task, SUCCEEDED, nil, f.ended)
                elseif f.how == 'f' then
                    end_attempt(step, task, f.attempt)
                    task.er, task.gl = f.fault ~= '' and f.fault or nil, ''
                    local waits = {}
                    for wait in string.gmatch(f.wait, '%d+') do waits[#waits + 1] = tonumber(wait) end
                    local state, due = after_failure(step, task, f.kind, waits[min(task.u, #waits)])
                    move(step, task, state, due, f.ended)
                elseif f.how == 'g' then
                    f.wait = tonumber(f.wait)
                    give_back(step, task, f)
                else
                    task.ef = ''
                    lose(step, task, f.reason)
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

-- Changes from outside and by the clock.

-- now, ids. Answers the last number, then for each: changed, state (0: unknown).
local function cancel(keys, args)
    local step = begin(keys, args[1])
    local answer = { 0 }
    for i = 2, #args do
        local task = load(step, args[i])
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
    for i = 2, #args do
        local task = load(step, args[i])
        local changes = task and task.s >= FAILED
        if changes then
            task.u, task.er = 0, nil
            if task.gl == nil then task.gl = '' end
            call('HDEL', step.root .. 't:' .. task.id, 'f')
            if task.d > step.now then
                zadd(step, 'dl', text(task.d), task.id)
            elseif task.d > 0 then
                -- Else it would expire again at once.
                task.d = 0
                call('HDEL', step.root .. 't:' .. task.id, 'd')
            end
            if task.dp then
                move(step, task, BLOCKED, nil, '', KINDS[QUEUED])
                blocked[#blocked + 1] = task.id
            elseif task.nb > step.now then
                move(step, task, SCHEDULED, task.nb, '', KINDS[QUEUED])
            else
                move(step, task, QUEUED, nil)
            end
        end
        answer[#answer + 1] = changes and 1 or 0
        answer[#answer + 1] = task and task.s or 0
    end
    -- Only now all are back: one may depend on another.
    for _, id in ipairs(blocked) do
        local task = load(step, id)
        if task.s == BLOCKED then unblock(step, task) end
    end
    answer[1] = finish(step)
    return answer
end

local function remove(step, task)
    local root, id = step.root, task.id
    count(step, task, task.s, nil)
    event(step, task, DELETED)
    zrem(step, 'all', id)
    if task.ik and call('HGET', root .. 'idem', task.ik) == id then call('HDEL', root .. 'idem', task.ik) end
    local labels = call('LRANGE', root .. 'k:' .. id, 0, -1)
    for i = 1, #labels, 2 do zrem(step, 'l:' .. labels[i] .. '\0' .. labels[i + 1], id) end
    if task.dp then
        for _, dependency in ipairs(call('LRANGE', root .. 'd:' .. id, 0, -1)) do call('SREM', root .. 'w:' .. dependency, id) end
    end
    if task.b then
        zrem(step, 'bi:' .. task.b, id)
        step.emptied = step.emptied or {}
        step.emptied[task.b] = true
    end
    call('DEL', root .. 't:' .. id, root .. 's:' .. id, root .. 'h:' .. id, root .. 'o:' .. id, root .. 'd:' .. id,
        root .. 'w:' .. id, root .. 'k:' .. id)
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
        for _, id in ipairs(call('SMEMBERS', step.root .. 'w:' .. task.id)) do
            if tonumber(call('HGET', step.root .. 't:' .. id, 's') or 0) == BLOCKED then return true end
        end
    end
    return false
end

local function delete(keys, args)
    local step = begin(keys, args[1])
    local answer = { 0 }
    for i = 2, #args do
        local task = load(step, args[i])
        local changes = task and is_final(task.s) and not is_needed(step, task)
        if changes then remove(step, task) end
        answer[#answer + 1] = changes and 1 or 0
        answer[#answer + 1] = task and task.s or 0
    end
    answer[1] = finish(step)
    forget_batches(step)
    return answer
end

-- now, most. Each answers the last number, how many, and whether tasks are ready.
local function sweep(key, state_of, apply)
    return function(keys, args)
        local step = begin(keys, args[1])
        local swept = 0
        for _, id in ipairs(call('ZRANGEBYSCORE', step.root .. key, '-inf', step.stamp, 'LIMIT', 0, args[2])) do
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

local release = sweep('due', function(state) return state == SCHEDULED end, function(step, task)
    move(step, task, QUEUED, nil)
end)

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
        for _, id in ipairs(ids) do
            looked = looked + 1
            local task = load(step, id)
            if task and is_final(task.s) and task.f < before and removed < most and not is_needed(step, task) then
                remove(step, task)
                removed = removed + 1
            end
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

-- Reading.

-- prompt bytes at most (0: all), with output, ids. For each found: id, row, spec, attempts, output, position, and the
-- dependencies that it waits for.
local function get(keys, args)
    local root, most, answer = keys[1], tonumber(args[1]), {}
    for i = 3, #args do
        local id = args[i]
        local row = call('HGETALL', root .. 't:' .. id)
        if #row > 0 then
            local f = {}
            for j = 1, #row, 2 do f[row[j]] = row[j + 1] end
            local state = tonumber(f.s)
            local spec = call('GET', root .. 's:' .. id) or ''
            if most > 0 then
                local rest = struct.unpack('>I4', spec)
                spec = string.sub(spec, 1, 4 + rest + most)
            end
            local waiting = {}
            if state == BLOCKED then
                for _, dependency in ipairs(call('LRANGE', root .. 'd:' .. id, 0, -1)) do
                    local other = tonumber(call('HGET', root .. 't:' .. dependency, 's') or SUCCEEDED)
                    if not is_final(other) then waiting[#waiting + 1] = dependency end
                end
            end
            answer[#answer + 1] = {
                id, row, spec, call('GET', root .. 'h:' .. id) or '',
                args[2] == '1' and call('GET', root .. 'o:' .. id) or '',
                state == QUEUED and #args == 3 and position_of(root, {}, id, f.p, f.c) or 0, waiting,
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

local function passes(root, filter, id)
    local f = call('HMGET', root .. 't:' .. id, 's', 'y', 'c', 'b', 'n', 'f', 'p')
    if not f[1]
        or filter.states ~= '' and not string.find(filter.states, f[1], 1, true)
        or filter.types ~= '' and not string.find(filter.types, '\0' .. f[2] .. '\0', 1, true)
        or filter.c ~= '' and f[3] ~= filter.c
        or filter.b ~= '' and f[4] ~= filter.b
        or filter.n ~= '' and f[5] ~= filter.n
        or filter.before > 0 and not (f[6] and tonumber(f[6]) < filter.before and is_final(tonumber(f[1])))
    then
        return nil
    end
    for _, label in ipairs(filter.labels) do
        if not call('ZSCORE', root .. 'l:' .. label, id) then return nil end
    end
    if filter.text ~= '' then
        local spec = call('GET', root .. 's:' .. id)
        local rest = struct.unpack('>I4', spec)
        if not string.find(string.lower(string.sub(spec, 5 + rest)), filter.text, 1, true) then return nil end
    end
    return f
end

-- index, backwards, from, to (as for ZRANGEBYLEX), most looked at, then a filter. Answers where to go on ('' at the end),
-- then for each that passes: id, priority, finished at.
local function walk(keys, args)
    local root = keys[1]
    local ids
    if args[2] == '1' then
        ids = call('ZREVRANGEBYLEX', root .. args[1], args[4], args[3], 'LIMIT', 0, args[5])
    else
        ids = call('ZRANGEBYLEX', root .. args[1], args[3], args[4], 'LIMIT', 0, args[5])
    end
    local answer = { #ids == tonumber(args[5]) and ids[#ids] or '' }
    local filter = filter_of(args, 6)
    for _, id in ipairs(ids) do
        local f = passes(root, filter, id)
        if f then
            answer[#answer + 1] = id
            answer[#answer + 1] = f[7] or '0'
            answer[#answer + 1] = f[6] or '0'
        end
    end
    return answer
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
    local root = keys[1]
    local filter = filter_of(args, 1)
    local answer = {}
    for i = 9 + 2 * #filter.labels, #args do
        local f = passes(root, filter, args[i])
        if f then
            answer[#answer + 1] = args[i]
            answer[#answer + 1] = f[7] or '0'
            answer[#answer + 1] = f[6] or '0'
        end
    end
    return answer
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
        local task = {
            id = arg(1), y = arg(3), p = arg(4), c = arg(5), b = some(6), pl = arg(7), s = tonumber(arg(9)),
            nb = tonumber(arg(10)), v = tonumber(arg(11)), d = tonumber(arg(12)), x = tonumber(arg(13)),
            f = tonumber(arg(14)), u = tonumber(arg(15)), m = tonumber(arg(16)), a = tonumber(arg(17)),
            an = tonumber(arg(18)), er = some(19), ef = some(21), n = some(22), rd = arg(25) == '1',
        }
        local lane, history, output, size, spec = arg(2), arg(20), arg(23), arg(24), arg(26)
        local key = some(8) and (task.c .. '\0' .. arg(8))
        at = at + 26
        local labels, dependencies = {}, {}
        local n = tonumber(args[at])
        for i = 1, n * 2 do labels[i] = args[at + i] end
        at = at + 1 + n * 2
        n = tonumber(args[at])
        for i = 1, n do dependencies[i] = args[at + i] end
        at = at + 1 + n
        if call('EXISTS', root .. 't:' .. task.id) == 0 then
            taken = taken + 1
            task.l = lane_of(step, lane)
            if key and call('HSETNX', root .. 'idem', key, task.id) == 0 then key = nil end
            if history ~= '' then call('SET', root .. 'h:' .. task.id, history) end
            if output ~= '' then call('SET', root .. 'o:' .. task.id, output) end
            count(step, task, nil, task.s)
            if not is_final(task.s) then place(step, task) end
            event(step, task, SUBMITTED)
            local fields = {
                's', task.s, 'p', task.p, 'l', task.l, 'y', task.y, 'c', task.c, 'u', task.u, 'm', task.m, 'a', task.a,
                'an', task.an, 'e', text(task.e), 'pl', task.pl, 'v', text(task.v),
                'd', text(task.d), 'x', text(task.x), 'f', text(task.f), 'nb', text(task.nb), 'ob', size,
                'er', task.er or '', 'ef', task.ef or '', 'n', task.n or '', 'gl', '',
            }
            local function set(name, value) fields[#fields + 1] = name; fields[#fields + 1] = value end
            if task.b then set('b', task.b) end
            if key then set('ik', key) end
            if #dependencies > 0 then set('dp', 1) end
            if task.rd then set('rd', 1) end
            keep(step, task, spec, labels, dependencies, fields)
            if task.s == BLOCKED then blocked[#blocked + 1] = task.id end
        end
    end
    -- What they wait for may have come in finished.
    for _, id in ipairs(blocked) do
        local task = load(step, id)
        if task and task.s == BLOCKED then unblock(step, task) end
    end
    return { finish(step), taken }
end

local function register(name, callback, ...)
    redis.register_function {
        function_name = '@LIBRARY@_' .. name,
        callback = function(keys, args)
            call, char, floor, max, min = redis.call, string.char, math.floor, math.max, math.min
            format = string.format
            return callback(keys, args)
        end,
        flags = { ... },
    }
end

-- Only what takes tasks in is refused when the memory is full: answers must find their place.
register('enqueue', enqueue)
register('import', import)
register('lease', lease, 'allow-oom')
register('renew', renew, 'allow-oom')
register('leases', leases, 'no-writes')
register('settle', settle, 'allow-oom')
register('cancel', cancel, 'allow-oom')
register('retry', retry, 'allow-oom')
register('delete', delete, 'allow-oom')
register('release', release, 'allow-oom')
register('reap', reap, 'allow-oom')
register('expire', expire, 'allow-oom')
register('purge', purge, 'allow-oom')
register('get', get, 'no-writes')
register('walk', walk, 'no-writes')
register('ids_in', ids_in, 'no-writes')
register('match', match, 'no-writes')
register('batches', batches, 'no-writes')
