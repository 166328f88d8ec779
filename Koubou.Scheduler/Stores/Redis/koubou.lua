#!lua name=@LIBRARY@

-- The steps of the queue, each atomic, each for one task or a thousand in one round trip.
--
-- The only declared key is the queue's root, "{koubou:main}:"; all others begin with it and so lie in its hash slot:
--   t hash   the rows of tasks by id   s hash   their specs   o hash   their outputs
--   d:ID list   a task's dependencies   w:ID set   its dependants   k:ID list   its labels
--   q:LANE:P:CLIENT zset  ready tasks of one client in the order of submission, all scores 0
--   u:LANE:P zset  whose turn it is: the id of each client's head and the client, by the client's tag
--   g:LANE:P zset  the same by the age of the head, all scores 0
--   all zset, fN zset (failed, cancelled, expired), blk zset: ids in the order of submission, all scores 0
--   due, dl, ls zset: not before, deadline, end of lease, in milliseconds
--   cnt hash tasks by state   cl hash live ones by client   wt hash waiting ones by type and priority, wq the queued
--   occ hash ready ones by LANE:P   cw hash ready ones by P:CLIENT   tags hash the tag of each P:CLIENT, and the last
--   that was given of each P as VP
--   idem, lanes, laneno, meta, nonce hash; bs zset, b:ID hash, bi:ID zset: batches
--   ev stream   the log of changes: one entry a step, its id the number of its last event, with the number of its first
--
-- A step reads the rows that it needs together and writes those that it changed together: what a command costs beside its
-- work, and a key beside its value, is more than a row.
--
-- A row is a map in MessagePack; what a task does not have is not in it. s state, kd kind: lane, priority, client, batch and
-- type, zeros between, u attempts used, m attempts max, a attempts counted, an number of the newest, k lease token, n node,
-- la leased at, v due, d deadline, x started, f finished, e last event, ob output bytes, er error, ef facts of the newest
-- attempt for events, h the attempts, hl where the newest begins in h, gl where the last of a row of given back ones
-- begins, ik idempotency key, rd runs though a dependency failed, wd has dependants, dp has dependencies, nb not before.

local BLOCKED, SCHEDULED, QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED, EXPIRED = 1, 2, 3, 4, 5, 6, 7, 8
local SUBMITTED = 1
local KINDS = { [SCHEDULED] = 3, [QUEUED] = 4, [SUCCEEDED] = 5, [FAILED] = 6, [CANCELLED] = 7, [EXPIRED] = 8 }
local DELETED = 9
local STARTED = 2
local TRANSIENT, PERMANENT = 1, 2
-- Numbers that are joined to a text or handed to the server are printed as fractions, which costs more than most commands:
-- what goes into keys and fields is text, priorities and lanes among it.
local STATES = { '1', '2', '3', '4', '5', '6', '7', '8' }
local WORDS = { 'blocked', 'scheduled', 'queued', 'running', 'succeeded', 'failed', 'cancelled', 'expired' }

-- The server's library is known only while a function runs.
local call, char, floor, format, max, min, pack, unpack_row

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
    local seq = tonumber(meta[1] or 0)
    return {
        root = root, now = now, stamp = text(now), seq = seq, first = seq + 1,
        keep = meta[2] or '200000', lanes_made = meta[3] or '0', ready = false, finished = {},
        -- Of tasks by id: as read, as rows (false: not there), those that changed.
        raw = {}, rows = {}, changed = {}, specs = {}, outputs = {}, removed = {},
        events = {}, kinds = {}, attempts = {}, spans = {}, sums = {}, tags = {}, seen = {}, sets = {}, lists = {},
    }
end

-- Reads the rows of several tasks.
local function fetch(step, ids)
    for from = 1, #ids, 1000 do
        local found = call('HMGET', step.root .. 't', unpack(ids, from, min(#ids, from + 999)))
        for i = 1, #found do step.raw[ids[from + i - 1]] = found[i] end
    end
end

-- Reads the rows of the tasks that a function was given from an argument on.
local function fetch_given(step, args, from)
    local ids = {}
    for i = from, #args do ids[#ids + 1] = args[i] end
    fetch(step, ids)
    return ids
end

-- A task as its row tells it, or nil. Of one task there is one table in a step.
local function load(step, id)
    local task = step.rows[id]
    if task == nil then
        local kept = step.raw[id]
        if kept == nil then kept = call('HGET', step.root .. 't', id) end
        task = kept and unpack_row(kept)
        if task then task.id = id end
        step.rows[id] = task
    end
    return task or nil
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

-- What alike tasks have in common: names of keys and fields, and what their events say.
local function kind_of(step, task)
    local name = task.kd
    local kind = step.kinds[name]
    if not kind then
        local lane, p, client, batch, type = string.match(name, '^(%d+)%z(%d+)%z(%Z*)%z(%Z*)%z(.*)$')
        local pair = lane .. ':' .. p
        kind = {
            l = lane, p = p, c = client, b = batch ~= '' and batch or nil, y = type,
            pair = pair, share = p .. ':' .. client, line = 'q:' .. pair .. ':' .. client, sort = type .. '\0' .. p,
            batch = batch ~= '' and ('b:' .. batch) or nil,
            changes = {}, event = bytes(5, type) .. number(7, tonumber(p)) .. bytes(8, client) .. bytes(9, batch),
        }
        step.kinds[name] = kind
    end
    return kind
end

local function name_kind(lane, p, client, batch, type)
    return lane .. '\0' .. p .. '\0' .. client .. '\0' .. batch .. '\0' .. type
end

-- The states whose tasks lie in an index of their own by submission.
local INDEXES = { [BLOCKED] = 'blk', [FAILED] = 'f6', [CANCELLED] = 'f7', [EXPIRED] = 'f8' }

-- Counts a task out of one state and into another; nil: it is not there. The sums follow at the end, by sum_up.
local function count(step, task, kind, from, to)
    local change = 16 * (from or 0) + (to or 0)
    kind.changes[change] = (kind.changes[change] or 0) + 1
    if INDEXES[from] then zrem(step, INDEXES[from], task.id) end
    if INDEXES[to] then zadd(step, INDEXES[to], '0', task.id) end
end

local function sum_up_kind(step, kind)
    for change, times in pairs(kind.changes) do
        local from, to = floor(change / 16), change % 16
        if from > 0 then add(step, 'cnt', STATES[from], -times) end
        if to > 0 then add(step, 'cnt', STATES[to], times) end
        if from > 0 and from <= QUEUED then add(step, 'wt', kind.sort, -times) end
        if to > 0 and to <= QUEUED then add(step, 'wt', kind.sort, times) end
        if from == QUEUED then add(step, 'wq', kind.sort, -times) end
        if to == QUEUED then add(step, 'wq', kind.sort, times) end
        if from > 0 and not is_final(from) then add(step, 'cl', kind.c, -times) end
        if to > 0 and not is_final(to) then add(step, 'cl', kind.c, times) end
        if kind.batch then
            if from > 0 then add(step, kind.batch, 's' .. STATES[from], -times) end
            if to > 0 then add(step, kind.batch, 's' .. STATES[to], times) end
            if is_final(to) then call('HSET', step.root .. kind.batch, 'f', step.stamp) end
        end
    end
end

local function sum_up(step)
    for _, kind in pairs(step.kinds) do sum_up_kind(step, kind) end
    for hash, of in pairs(step.sums) do
        for field, by in pairs(of) do
            if by ~= 0 and call('HINCRBY', step.root .. hash, field, text(by)) == 0 then
                call('HDEL', step.root .. hash, field)
                -- A client with nothing waiting begins anew.
                if hash == 'cw' then call('HDEL', step.root .. 'tags', field) end
            end
        end
    end
end

-- The attempt and its node, as events say them.
local function attempt_of(step, task)
    local node = task.n or ''
    local of = step.attempts[node]
    if not of then
        of = {}
        step.attempts[node] = of
    end
    local told = of[task.an]
    if not told then
        told = number(10, task.an) .. bytes(11, node)
        of[task.an] = told
    end
    return told
end

-- Tells what happened and notes the row. Number and moment are those of the step: who reads it knows them.
-- what: of KINDS or beside them. ended: fields of the attempt that ended with it, else nil.
local function event(step, task, kind, what, ended)
    step.seq = step.seq + 1
    task.e = step.seq
    step.changed[task.id] = task
    local rest = kind.event
    if what ~= SUBMITTED then
        if task.an > 0 then rest = rest .. attempt_of(step, task) .. (task.ef or '') end
        if task.er then rest = rest .. bytes(15, task.er) end
    end
    if ended then rest = rest .. ended end
    -- 10: the event in its batch. 24, 48 and 34: the fields 3, 6 and 4, each one byte; 36: the length of an id.
    step.events[#step.events + 1] = char(10) .. varint(42 + #rest) .. char(24, what, 48, task.s, 34, 36) .. task.id .. rest
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
        if task.wd then step.finished[#step.finished + 1] = { id = task.id, s = state } end
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

local function unblock(step, task)
    local fault = hindrance(step, call('LRANGE', step.root .. 'd:' .. task.id, 0, -1), task.rd)
    if fault == 'wait' then return end
    if fault then
        task.er = fault
        move(step, task, FAILED, nil)
    elseif task.nb and task.nb > step.now then
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
        fetch(step, waiting)
        for _, id in ipairs(waiting) do
            local task = load(step, id)
            if task and task.s == BLOCKED then unblock(step, task) end
        end
    end
end

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
    for key, list in pairs(step.lists) do
        slices('RPUSH', root .. key, list)
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

-- What every new task has.
local function keep(step, task, kind, policy, spec, labels, dependencies)
    local root, id = step.root, task.id
    step.rows[id], step.changed[id] = task, task
    step.specs[#step.specs + 1] = id
    step.specs[#step.specs + 1] = with_dependencies(spec, dependencies)
    zadd(step, 'all', '0', id)
    if task.d and not is_final(task.s) then zadd(step, 'dl', text(task.d), id) end
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
            local other = load(step, dependency)
            if other and not other.wd then
                other.wd = 1
                step.changed[dependency] = other
            end
        end
    end
    if kind.batch then
        local batch = root .. kind.batch
        zadd(step, 'bi:' .. kind.b, '0', id)
        if call('HSETNX', batch, 'i', id) == 1 then
            call('HSET', batch, 'c', kind.c, 'pl', policy)
            call('ZADD', root .. 'bs', milliseconds(id), kind.b)
        elseif tonumber(call('HGET', batch, 'pl')) > tonumber(policy) then
            call('HSET', batch, 'pl', policy)
        end
    end
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
    local at = 4
    local function moment(i)
        local value = args[at + i]
        return value ~= '0' and tonumber(value) or nil
    end
    -- A list that begins with its length, of so many parts each.
    local NOTHING = {}
    local function list(parts)
        if args[at] == '0' then
            at = at + 1
            return NOTHING
        end
        local length, slice = tonumber(args[at]) * parts, {}
        for i = 1, length do slice[i] = args[at + i] end
        at = at + 1 + length
        return slice
    end
    local asked, ids = {}, {}
    for i = 1, n do
        local id, client, key = args[at], args[at + 4], args[at + 7]
        local new = {
            task = {
                id = id, s = QUEUED, kd = name_kind(lane_of(step, args[at + 1]), args[at + 3], client, args[at + 5], args[at + 2]),
                ik = key ~= '' and (client .. '\0' .. key) or nil, nb = moment(8), d = moment(9), m = tonumber(args[at + 10]),
                rd = args[at + 11] == '1' and 1 or nil, u = 0, a = 0, an = 0,
            },
            policy = args[at + 6], spec = args[at + 12],
        }
        at = at + 13
        new.labels = list(2)
        new.dependencies = list(1)
        asked[i], ids[i] = new, id
    end
    fetch(step, ids)
    local idems, aliases, fresh = {}, {}, {}
    for i = 1, n do
        local new = asked[i]
        local task = new.task
        local known = step.raw[task.id] and task.id
            or task.ik and (idems[task.ik] or call('HGET', root .. 'idem', task.ik))
        if known then
            -- The same call, sent again because its answer was lost, is no duplicate.
            new.known, new.duplicate = known, known ~= task.id
            aliases[task.id] = known
        else
            if task.ik then idems[task.ik] = task.id end
            fresh[#fresh + 1] = new
        end
    end
    if #fresh > 0 and live + #fresh > most then return { 'full', text(live) } end

    -- First every state, so that tasks of one call see each other.
    for _, new in ipairs(fresh) do
        local task = new.task
        for i, dependency in ipairs(new.dependencies) do
            new.dependencies[i] = aliases[dependency] or dependency
        end
        if #new.dependencies > 0 then
            task.s, task.dp = BLOCKED, 1
        elseif task.nb and task.nb > step.now then
            task.s, task.v = SCHEDULED, task.nb
        end
        step.rows[task.id] = task
        if task.ik then call('HSET', root .. 'idem', task.ik, task.id) end
    end
    for _, new in ipairs(fresh) do
        local task = new.task
        if task.s == BLOCKED then
            local hinders = hindrance(step, new.dependencies, false)
            if not hinders then
                task.s = QUEUED
                if task.nb and task.nb > step.now then task.s, task.v = SCHEDULED, task.nb end
            elseif hinders ~= 'wait' then
                new.decided = true
            end
        end
        local kind = kind_of(step, task)
        count(step, task, kind, nil, task.s)
        if task.s ~= BLOCKED then place(step, task, kind) end
        event(step, task, kind, SUBMITTED)
        keep(step, task, kind, new.policy, new.spec, new.labels, new.dependencies)
    end
    -- Only now every task of the call is there: what cannot run fails, and takes its dependants with it.
    for _, new in ipairs(fresh) do
        if new.decided then unblock(step, new.task) end
    end
    local seq = finish(step)

    local answer, size, view = { seq }, 1, {}
    for i = 1, n do
        local new = asked[i]
        local id = new.known or new.task.id
        local task = load(step, id)
        answer[size + 1] = id
        answer[size + 2] = task and task.s or 0
        answer[size + 3] = new.duplicate and 1 or 0
        answer[size + 4] = 0
        if not new.known and task.s == QUEUED then
            local kind = kind_of(step, task)
            answer[size + 4] = position_of(root, view, id, kind.p, kind.c)
        end
        size = size + 4
    end
    return answer
end

-- Leases.

-- The clients of a lane and priority whose turns come next, in their order. No lease of so many tasks can concern more.
local function open_pair(step, pair)
    local key = step.root .. 'u:' .. pair.lane .. ':' .. pair.p
    while true do
        local stale = false
        local entries = call('ZRANGE', key, '0', text(pair.most - 1), 'WITHSCORES')
        pair.clients, pair.at = {}, 1
        for i = 1, #entries, 2 do
            local client = string.sub(entries[i], 37)
            local share = pair.p .. ':' .. client
            local tag = tag_of(step, share)
            if tag ~= tonumber(entries[i + 1]) then
                -- It got something in another lane meanwhile.
                call('ZADD', key, text(tag), entries[i])
                stale = true
            end
            pair.clients[(i + 1) / 2] = { name = client, head = string.sub(entries[i], 1, 36), share = share, tag = tag }
        end
        if not stale then return end
    end
end

-- The client whose turn it is, or nil. Who has had a turn goes behind all who wait.
local function first_of(step, pair)
    if not pair.clients then open_pair(step, pair) end
    local clients = pair.clients
    while true do
        local client = clients[pair.at]
        if not client then return nil end
        local tag = step.tags[client.share] or client.tag
        if client.head and tag == client.tag then return client end
        pair.at = pair.at + 1
        if client.head then
            client.tag = tag
            local place = #clients + 1
            while place > pair.at and clients[place - 1].tag > tag do
                clients[place] = clients[place - 1]
                place = place - 1
            end
            clients[place] = client
        end
    end
end

local function has_head(step, pair)
    -- One that nobody looked into is there because tasks wait in it.
    return not pair.clients or first_of(step, pair) ~= nil
end

local function oldest_of(step, pair)
    if pair.oldest then return pair.oldest end
    local oldest
    for _, client in pairs(pair.touched) do
        if client.head and (not oldest or client.head < oldest) then oldest = client.head end
    end
    -- As many clients may have had a turn before the first that had none.
    pair.ages = pair.ages or call('ZRANGE', step.root .. 'g:' .. pair.lane .. ':' .. pair.p, '0', text(pair.most))
    for _, entry in ipairs(pair.ages) do
        if not pair.touched[string.sub(entry, 37)] then
            local head = string.sub(entry, 1, 36)
            if not oldest or head < oldest then oldest = head end
            break
        end
    end
    pair.oldest = oldest
    return oldest
end

-- The age of the oldest and its priority, as one number: the smallest goes first. nil: nobody waits here any more.
local function rank_of(step, level, ageing)
    if level.rank == nil then
        level.rank = false
        for _, pair in ipairs(level.pairs) do
            if has_head(step, pair) then
                local rank = milliseconds(oldest_of(step, pair)) - level.number * ageing
                if not level.rank or rank < level.rank then level.rank = rank end
            end
        end
    end
    return level.rank or nil
end

local function best_of(step, level, of)
    local best
    for i = 1, #of do
        local pair = of[i]
        local client = first_of(step, pair)
        if client then
            -- A client's lines in several lanes have one tag.
            local tag, than = client.tag, best and best.client
            if not best or tag < than.tag or tag == than.tag and client.head < than.head then
                best = { level = level, pair = pair, client = client }
            end
        end
    end
    return best
end

local NONE = {}

-- Of lanes whose model the node has and others: those, until it has been enough of them.
local function best_by_affinity(step, level, ageing, affinity, since)
    local held, others = {}, {}
    for _, pair in ipairs(level.pairs) do
        if has_head(step, pair) then
            local of = pair.held and held or others
            of[#of + 1] = pair
        end
    end
    if #held == 0 or #others == 0 then return best_of(step, level, level.pairs) end
    local oldest
    for _, pair in ipairs(others) do
        local id = oldest_of(step, pair)
        if not oldest or id < oldest then oldest = id end
    end
    local turn = affinity < ageing / #others and affinity or ageing / #others
    if step.now - max(milliseconds(oldest), since) > turn then return best_of(step, level, level.pairs) end
    return best_of(step, level, held)
end

-- The order of Rules/OrderRules.cs. levels: the highest first.
local function choose(step, levels, ageing, affinity, since)
    local first, rank = levels[1], nil
    if #levels > 1 then
        first = nil
        for _, level in ipairs(levels) do
            local of = rank_of(step, level, ageing)
            if of and (not rank or of < rank) then first, rank = level, of end
        end
        if not first then return nil end
    end
    if first.mixed then return best_by_affinity(step, first, ageing, affinity, since) end
    return best_of(step, first, first.pairs)
end

-- Reads a client's line as far as it is needed: most clients have a turn or two in one lease.
local function read_line(step, pair, client)
    local line = client.line
    local more = call('ZRANGE', step.root .. 'q:' .. pair.lane .. ':' .. pair.p .. ':' .. client.name, text(#line),
        text(2 * #line + 1))
    for _, id in ipairs(more) do line[#line + 1] = id end
end

-- Notes that it was this task's turn, and answers its id; what lies in the server's sets follows at the end, by
-- settle_pairs.
local function take(step, best)
    local pair, client, level = best.pair, best.client, best.level
    local id = client.head
    if not client.line then
        client.line, client.taken = {}, 0
        pair.touched[client.name] = client
    end
    client.taken = client.taken + 1
    if #client.line <= client.taken then read_line(step, pair, client) end
    client.head = client.line[client.taken + 1]
    if pair.oldest == id then pair.oldest = nil end
    level.rank = nil
    to_the_end(step, pair.p, client.share)
    return id
end

local function settle_pairs(step, levels)
    for _, level in ipairs(levels) do
        for _, pair in ipairs(level.pairs) do
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

-- The levels of priority with the lanes that fit, the highest first, and how many lanes that is.
local function open_levels(step, most, fitting, holding)
    local fits, holds, by_number, lanes = {}, {}, {}, 0
    for lane in string.gmatch(fitting, '%d+') do fits[lane] = true end
    for lane in string.gmatch(holding, '%d+') do holds[lane] = true end
    for _, field in ipairs(call('HKEYS', step.root .. 'occ')) do
        local lane, p = string.match(field, '^(%d+):(%d+)$')
        if fits[lane] then
            local number = tonumber(p)
            local level = by_number[number] or { number = number, pairs = {}, mixed = false }
            local held = holding == 'any' or holds[lane] or false
            by_number[number], lanes = level, lanes + 1
            level.mixed = level.mixed or #level.pairs > 0 and level.pairs[1].held ~= held
            level.pairs[#level.pairs + 1] = { lane = lane, p = p, most = most, held = held, touched = {} }
        end
    end
    local levels = {}
    for _, level in pairs(by_number) do levels[#levels + 1] = level end
    table.sort(levels, function(left, right) return left.number > right.number end)
    return levels, lanes
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
            local task = load(step, id)
            if task and task.s == RUNNING and task.k == token then
                local size = #answer
                answer[size + 1], answer[size + 2], answer[size + 3] = id, token, task.an
                answer[size + 4] = call('HGET', root .. 's', id) or ''
            end
        end
        if #answer > 1 then
            answer[1] = text(step.seq)
            return answer
        end
    end

    local duration, ageing, affinity = tonumber(args[2]), tonumber(args[3]), tonumber(args[4])
    local most, since = tonumber(args[8]), tonumber(args[11])
    local levels, lanes = open_levels(step, most, args[9], args[10])
    if lanes == 0 then return { text(step.seq) } end

    local chosen = {}
    while #chosen < most do
        local best = choose(step, levels, ageing, affinity, since)
        if not best then break end
        chosen[#chosen + 1] = take(step, best)
        if lanes > 1 and not best.pair.held then break end
    end
    settle_pairs(step, levels)

    fetch(step, chosen)
    local specs = #chosen > 0 and call('HMGET', root .. 's', unpack(chosen)) or NONE
    local said_now, until_ = { nonce }, text(step.now + duration)
    local begun = bytes(2, node) .. bytes(8, seconds(step.now)) .. number(14, 1)
    for i, id in ipairs(chosen) do
        local task, token = load(step, id), args[11 + i]
        local kind = kind_of(step, task)
        count(step, task, kind, QUEUED, RUNNING)
        task.s, task.k, task.n, task.la, task.ef, task.v = RUNNING, token, node, step.now, nil, nil
        task.u, task.a = task.u + 1, task.a + 1
        task.an = task.a
        task.x = task.x or step.now
        task.h = task.h or ''
        task.hl = #task.h
        task.h = task.h .. record('B', number(1, task.an) .. begun)
        zadd(step, 'ls', until_, id)
        event(step, task, kind, STARTED)
        local size = 4 * i - 3
        answer[size + 1], answer[size + 2], answer[size + 3], answer[size + 4] = id, token, task.an, specs[i] or ''
        said_now[i + 1] = id .. ' ' .. token
    end
    call('HSET', root .. 'nonce', node, table.concat(said_now, ' '))
    answer[1] = finish(step)
    return answer
end

-- now, duration, then for each: id, token. Answers the places of those that are no longer valid.
local function renew(keys, args)
    local step = begin(keys, args[1])
    local until_ = text(step.now + tonumber(args[2]))
    local ids, invalid = {}, {}
    for i = 3, #args, 2 do ids[#ids + 1] = args[i] end
    fetch(step, ids)
    for i, id in ipairs(ids) do
        local task = load(step, id)
        if task and task.s == RUNNING and task.k == args[2 * i + 2] then
            zadd(step, 'ls', until_, id)
        else
            invalid[#invalid + 1] = i - 1
        end
    end
    finish(step)
    return invalid
end

-- node. Answers ids and tokens.
local function leases(keys, args)
    local step, answer = begin(keys, '1'), {}
    local ids = call('ZRANGE', step.root .. 'ls', 0, -1)
    fetch(step, ids)
    for _, id in ipairs(ids) do
        local task = load(step, id)
        if task and task.n == args[1] and task.k then
            answer[#answer + 1] = id
            answer[#answer + 1] = task.k
        end
    end
    return answer
end

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

-- Changes from outside and by the clock.

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
            elseif task.nb and task.nb > step.now then
                move(step, task, SCHEDULED, task.nb, '', KINDS[QUEUED])
            else
                move(step, task, QUEUED, nil)
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
        for _, dependency in ipairs(call('LRANGE', root .. 'd:' .. id, 0, -1)) do call('SREM', root .. 'w:' .. dependency, id) end
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
        for _, id in ipairs(call('SMEMBERS', step.root .. 'w:' .. task.id)) do
            local other = load(step, id)
            if other and other.s == BLOCKED then return true end
        end
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

-- Reading.

-- prompt bytes at most (0: all), with output, ids. For each found: id, row, spec, attempts, output, position, and the
-- dependencies that it waits for.
local function get(keys, args)
    local step, most, answer = begin(keys, '1'), tonumber(args[1]), {}
    local root, ids = step.root, fetch_given(step, args, 3)
    for _, id in ipairs(ids) do
        local task = load(step, id)
        if task then
            local spec = call('HGET', root .. 's', id) or ''
            if most > 0 then
                local rest = struct.unpack('>I4', spec)
                spec = string.sub(spec, 1, 4 + rest + most)
            end
            local row, waiting, kind = {}, {}, kind_of(step, task)
            for _, name in ipairs({ 's', 'x', 'f', 'u', 'm', 'e', 'ob', 'v', 'er' }) do
                local value = task[name]
                if value then
                    row[#row + 1] = name
                    row[#row + 1] = type(value) == 'number' and text(value) or value
                end
            end
            if task.s == BLOCKED then
                for _, dependency in ipairs(call('LRANGE', root .. 'd:' .. id, 0, -1)) do
                    local other = load(step, dependency)
                    if other and not is_final(other.s) then waiting[#waiting + 1] = dependency end
                end
            end
            answer[#answer + 1] = {
                id, row, spec, task.h or '', args[2] == '1' and call('HGET', root .. 'o', id) or '',
                task.s == QUEUED and #ids == 1 and position_of(root, {}, id, kind.p, kind.c) or 0, waiting,
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

local function passes(step, filter, id)
    local task = load(step, id)
    if not task then return nil end
    local kind = kind_of(step, task)
    if filter.states ~= '' and not string.find(filter.states, STATES[task.s], 1, true)
        or filter.types ~= '' and not string.find(filter.types, '\0' .. kind.y .. '\0', 1, true)
        or filter.c ~= '' and kind.c ~= filter.c
        or filter.b ~= '' and kind.b ~= filter.b
        or filter.n ~= '' and task.n ~= filter.n
        or filter.before > 0 and not (is_final(task.s) and (task.f or 0) < filter.before)
    then
        return nil
    end
    for _, label in ipairs(filter.labels) do
        if not call('ZSCORE', step.root .. 'l:' .. label, id) then return nil end
    end
    if filter.text ~= '' then
        local spec = call('HGET', step.root .. 's', id)
        local rest = struct.unpack('>I4', spec)
        if not string.find(string.lower(string.sub(spec, 5 + rest)), filter.text, 1, true) then return nil end
    end
    return task
end

local function add_those_that_pass(step, filter, ids, answer)
    for _, id in ipairs(ids) do
        local task = passes(step, filter, id)
        if task then
            answer[#answer + 1] = id
            answer[#answer + 1] = kind_of(step, task).p
            answer[#answer + 1] = task.f and text(task.f) or '0'
        end
    end
    return answer
end

-- index, backwards, from, to (as for ZRANGEBYLEX), most looked at, then a filter. Answers where to go on ('' at the end),
-- then for each that passes: id, priority, finished at.
local function walk(keys, args)
    local step = begin(keys, '1')
    local index, ids = step.root .. args[1]
    if args[2] == '1' then
        ids = call('ZREVRANGEBYLEX', index, args[4], args[3], 'LIMIT', 0, args[5])
    else
        ids = call('ZRANGEBYLEX', index, args[3], args[4], 'LIMIT', 0, args[5])
    end
    local answer = { #ids == tonumber(args[5]) and ids[#ids] or '' }
    fetch(step, ids)
    return add_those_that_pass(step, filter_of(args, 6), ids, answer)
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
    local step, filter = begin(keys, '1'), filter_of(args, 1)
    return add_those_that_pass(step, filter, fetch_given(step, args, 9 + 2 * #filter.labels), {})
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
        local function more(i) return arg(i) ~= '0' and tonumber(arg(i)) or nil end
        local task = {
            id = arg(1), kd = name_kind(lane_of(step, arg(2)), arg(4), arg(5), arg(6), arg(3)), s = tonumber(arg(9)),
            nb = more(10), v = more(11), d = more(12), x = more(13), f = more(14), u = tonumber(arg(15)), m = tonumber(arg(16)),
            a = tonumber(arg(17)), an = tonumber(arg(18)), er = some(19), h = some(20), ef = some(21), n = some(22),
            ob = more(24), rd = arg(25) == '1' and 1 or nil,
        }
        local policy, output, spec = arg(7), arg(23), arg(26)
        local key = some(8) and (arg(5) .. '\0' .. arg(8))
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
            if key and call('HSETNX', root .. 'idem', key, task.id) == 1 then task.ik = key end
            if #dependencies > 0 then task.dp = 1 end
            if output ~= '' then
                step.outputs[#step.outputs + 1] = task.id
                step.outputs[#step.outputs + 1] = output
            end
            if task.s ~= SCHEDULED then task.v = nil end
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

local function register(name, callback, ...)
    redis.register_function {
        function_name = '@LIBRARY@_' .. name,
        callback = function(keys, args)
            call, char, floor, max, min = redis.call, string.char, math.floor, math.max, math.min
            format, pack, unpack_row = string.format, cmsgpack.pack, cmsgpack.unpack
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
