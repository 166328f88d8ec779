-- What every task has that comes in.

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
            call('ZADD', root .. 'w:' .. dependency, '0', id)
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
