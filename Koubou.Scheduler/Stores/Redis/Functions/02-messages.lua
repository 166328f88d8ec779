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
