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
register('tell', tell, 'allow-oom')
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
