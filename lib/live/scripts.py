"""What processes ask of their Redis at one blow: leases of topics, and numbers of messages."""

from typing import Final

# Takes what is free, keeps what is ours; the answer is our token of each topic, or 0.
LEASE: Final = """
local tokens = {}
for i = 2, #KEYS do
  local held = redis.call('GET', KEYS[i])
  if not held then
    held = ARGV[1] .. ':' .. redis.call('INCR', KEYS[1])
    redis.call('SET', KEYS[i], held)
  end
  local mark, token = held:match('^(%x+):(%d+)$')
  if mark == ARGV[1] then
    redis.call('PEXPIRE', KEYS[i], ARGV[2])
    tokens[i - 1] = tonumber(token)
  else
    tokens[i - 1] = 0
  end
end
return tokens
"""

RELEASE: Final = """
for i = 1, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[i] then redis.call('DEL', KEYS[i]) end
end
"""

# Nobody may publish under a number that some process has seen already.
RAISE: Final = """
local number = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), tonumber(ARGV[1]))
redis.call('SET', KEYS[1], string.format('%.0f', number))
return string.format('%.0f', number)
"""

# Numbers go on from the last one, or from what the asking process has seen, or from the time.
# The answer is, of each message, 1 if it was taken and 0 if another holds its topic's lease.
PUBLISH: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local seq = math.max(tonumber(redis.call('GET', KEYS[2]) or 0), tonumber(ARGV[1]))
local fields, taken = {}, {}
for i = 3, #KEYS do
  taken[i - 2] = 0
  if redis.call('GET', KEYS[i]) == ARGV[2 * i - 3] then
    taken[i - 2] = 1
    seq = seq + 1
    fields[#fields + 1] = string.format('%.0f', seq)
    fields[#fields + 1] = ARGV[2 * i - 2]
  end
end
if #fields > 0 then
  redis.call('SET', KEYS[2], string.format('%.0f', seq))
  local oldest = string.format('%.0f-0', now - ARGV[2])
  redis.call('XADD', KEYS[1], 'MINID', '~', oldest, '*', unpack(fields))
  redis.call('PEXPIRE', KEYS[1], 10 * ARGV[2])
end
return taken
"""
