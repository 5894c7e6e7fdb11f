-- Takes a token from every bucket of every subject, or none at all. The same arithmetic as in `bucket.rs`, in whole microseconds.
--
-- KEYS: a hash for each subject. ARGV: the time, or nothing for that of this server; then for each subject the microseconds in which a token comes
-- back and the size of its bucket, the name of a class and the same two of its bucket, and how many in a day. What there is none of is 0.
-- Returns whether all were granted, the time, and of each subject when its bucket will be full, when that of the class, the day, and how many in it.
local DAY = 86400000000
-- So much longer than needed is a subject remembered, because clocks differ.
local MARGIN = 60000

local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local today = math.floor(now / DAY)

local function has_token(full_at, every, burst)
  return math.max(full_at - now, 0) + every <= every * burst
end

local subjects, granted = {}, true
for i, key in ipairs(KEYS) do
  local at = 2 + (i - 1) * 6
  local class = ARGV[at + 2]
  local kept = redis.call('HMGET', key, 'full', 'full:' .. class, 'day', 'used')
  local one = {
    every = tonumber(ARGV[at]), burst = tonumber(ARGV[at + 1]), full_at = tonumber(kept[1] or 0),
    class = class, class_every = tonumber(ARGV[at + 3]), class_burst = tonumber(ARGV[at + 4]), class_full_at = tonumber(kept[2] or 0),
    quota = tonumber(ARGV[at + 5]), day = tonumber(kept[3] or 0), used = tonumber(kept[4] or 0),
  }
  if one.day ~= today then one.used = 0 end
  -- What was counted by another rate leaves a bucket empty at most.
  local empty, class_empty = now + one.every * one.burst, now + one.class_every * one.class_burst
  one.fitted = one.full_at > empty or one.class_burst > 0 and one.class_full_at > class_empty
  one.full_at, one.class_full_at = math.min(one.full_at, empty), math.min(one.class_full_at, class_empty)
  granted = granted and has_token(one.full_at, one.every, one.burst)
    and (one.class_burst == 0 or has_token(one.class_full_at, one.class_every, one.class_burst))
    and (one.quota == 0 or one.used < one.quota)
  subjects[i] = one
end

local answer = { granted and 1 or 0, now }
for i, one in ipairs(subjects) do
  if granted then
    one.full_at = math.max(one.full_at, now) + one.every
    one.class_full_at = math.max(one.class_full_at, now) + one.class_every
    one.used = one.used + 1
  end
  if granted or one.fitted then
    local kept = { 'full', string.format('%.0f', one.full_at) }
    local until_idle = one.full_at - now
    if one.class_burst > 0 then
      kept[#kept + 1] = 'full:' .. one.class
      kept[#kept + 1] = string.format('%.0f', one.class_full_at)
      until_idle = math.max(until_idle, one.class_full_at - now)
    end
    if one.quota > 0 then
      for _, value in ipairs({ 'day', string.format('%.0f', today), 'used', string.format('%.0f', one.used) }) do kept[#kept + 1] = value end
      until_idle = math.max(until_idle, DAY - now % DAY)
    end
    redis.call('HSET', KEYS[i], unpack(kept))
    -- Never sooner than before: the bucket of another class may fill more slowly.
    local lives = math.ceil(until_idle / 1000) + MARGIN
    if redis.call('PTTL', KEYS[i]) < lives then redis.call('PEXPIRE', KEYS[i], string.format('%.0f', lives)) end
  end
  for _, value in ipairs({ one.full_at, one.class_full_at, today, one.used }) do answer[#answer + 1] = value end
end
return answer
