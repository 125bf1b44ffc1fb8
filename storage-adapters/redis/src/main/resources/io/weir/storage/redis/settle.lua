-- Takes tokens from buckets that replicas share, each of which is one number: when it is full again, in microseconds of
-- Redis's clock. A bucket that is full has no key.
-- KEYS  the buckets
-- ARGV  1: microseconds in which a token comes back; 2: longest debt in microseconds; then, for each bucket, tokens taken
-- Gives microseconds until each is full again, separated by spaces.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local waits = {}
for i, bucket in ipairs(KEYS) do
  local full = math.max(now, tonumber(redis.call('GET', bucket) or now))
  full = math.min(full + ARGV[1] * ARGV[2 + i], now + ARGV[2])
  local wait = math.ceil(full - now)
  redis.call('SET', bucket, string.format('%.0f', full), 'PX', math.floor(wait / 1000) + 1)
  waits[i] = string.format('%.0f', wait)
end
return table.concat(waits, ' ')
