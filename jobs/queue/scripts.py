"""What happens to a job in Redis, each in one step: a worker that dies between two commands would
lose it, or leave it there twice.
"""

from __future__ import annotations

from typing import Final

SEND: Final = """
-- KEYS: stream, later, once. ARGV: most, once for (ms; 0: always), data, attempt, failed.
if redis.call('XLEN', KEYS[1]) + redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[1]) then
  return -1
end
if tonumber(ARGV[2]) > 0 and not redis.call('SET', KEYS[3], '1', 'NX', 'PX', ARGV[2]) then
  return 0
end
redis.call('XADD', KEYS[1], '*', 'data', ARGV[3], 'attempt', ARGV[4], 'failed', ARGV[5])
return 1
"""
"""1: sent, 0: sent already, -1: the queue is full."""

SETTLE: Final = """
-- KEYS: stream, later, counts. ARGV: group, entry, due ('': never), member, then field, amount …
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then
  return 0
end
redis.call('XDEL', KEYS[1], ARGV[2])
if ARGV[3] ~= '' then
  redis.call('ZADD', KEYS[2], ARGV[3], ARGV[4])
end
for i = 5, #ARGV, 2 do
  redis.call('HINCRBYFLOAT', KEYS[3], ARGV[i], ARGV[i + 1])
end
return 1
"""
"""Takes a job off its stream, for good or until it is due; 0: another worker did that."""

PROMOTE: Final = """
-- KEYS: stream, later. ARGV: now, most.
local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, member in ipairs(due) do
  local job = cjson.decode(member)
  redis.call('XADD', KEYS[1], '*', 'data', job.data, 'attempt', job.attempt, 'failed', job.failed)
  redis.call('ZREM', KEYS[2], member)
end
return #due
"""
"""Puts what is due back on its stream; how many there were."""

FORGET: Final = """
-- KEYS: stream. ARGV: group, silent for (ms).
local forgotten = 0
for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local said = {}
  for i = 1, #consumer, 2 do said[consumer[i]] = consumer[i + 1] end
  if said['pending'] == 0 and said['idle'] > tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], said['name'])
    forgotten = forgotten + 1
  end
end
return forgotten
"""
"""Forgets workers that are long gone and have nothing in hand."""
