#!lua name=@LIBRARY@

-- The steps of the queue, each atomic, each for one task or a thousand in one round trip.
--
-- The only declared key is the queue's root, "{koubou:main}:"; all others begin with it and so lie in its hash slot:
--   t hash   the rows of tasks by id   s hash   their specs   o hash   their outputs
--   d:ID list   a task's dependencies   w:ID zset   its dependants, all scores 0   k:ID list   its labels
--   untold list   finished tasks whose dependants do not all know of it: the id and, behind a zero, where to go on
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
