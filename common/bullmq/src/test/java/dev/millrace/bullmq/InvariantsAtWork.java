package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * What holds of a queue's keys while it is at work: each look is one script, so that nothing
 * changes meanwhile. What may be so for a while is only wrong when it stays. Not thread-safe.
 */
final class InvariantsAtWork {
  /** Longer than any lock, check for stalled jobs or wait for work lasts here. */
  private static final Duration TOO_LONG = Duration.ofSeconds(8);

  /** Lists what is wrong, each with the invariant's number; behind a "?", what must not stay. */
  private static final String LOOK =
      """
      local base, wrong, places = ARGV[1], {}, {}
      local call = redis.call
      local function say(...) wrong[#wrong + 1] = table.concat({...}, ' ') end
      local function put(place, ids)
        for _, id in ipairs(ids) do
          if places[id] then say('I1', id, 'in', place, 'and', places[id]) end
          places[id] = place
        end
      end
      for _, list in ipairs({'wait', 'active', 'paused'}) do
        put(list, call('LRANGE', base .. list, 0, -1))
      end
      for _, set in ipairs({'prioritized', 'delayed', 'waiting-children', 'completed', 'failed'}) do
        put(set, call('ZRANGE', base .. set, 0, -1))
      end
      for id, place in pairs(places) do
        if call('EXISTS', base .. id) == 0 then say('I1', id, 'in', place, 'has no hash') end
      end
      for _, key in ipairs(call('KEYS', base .. '*')) do
        local rest = key:sub(#base + 1)
        local isHash = call('TYPE', key).ok == 'hash'
        if isHash and call('HEXISTS', key, 'timestamp') == 1 then
          if not places[rest] then say('I1', rest, 'is nowhere') end
          local attempts = call('HMGET', key, 'atm', 'ats')
          if tonumber(attempts[1] or 0) > tonumber(attempts[2] or 0) then
            say('I8', rest, attempts[1], 'of', attempts[2] or 0)
          end
        end
        local locked = rest:match('^(.*):lock$')
        if locked and places[locked] ~= 'active' then
          say('I2', locked, 'is locked in', places[locked] or 'no place')
        end
        if rest:find(':dependencies$') then
          for _, child in ipairs(call('SMEMBERS', key)) do
            local parent = call('HGET', child, 'parentKey') or ''
            if parent .. ':dependencies' ~= key then say('I4', child, 'of', key) end
          end
        end
        if rest:find('^de:') and call('PTTL', key) == -1 then
          local owner = call('GET', key)
          local place = places[owner]
          if not place or place == 'completed' or place == 'failed' then
            say('I5', rest, 'belongs to', owner, 'in', place or 'no place')
          end
        end
      end
      for id, place in pairs(places) do
        if place == 'active' and call('EXISTS', base .. id .. ':lock') == 0 then
          say('?', 'I2', id, 'is active without a lock')
        end
        if place == 'waiting-children' and call('SCARD', base .. id .. ':dependencies') == 0 then
          say('I3', id, 'waits for nothing')
        end
      end
      local schedulers = call('ZRANGE', base .. 'repeat', 0, -1, 'WITHSCORES')
      for i = 1, #schedulers, 2 do
        local run = 'repeat:' .. schedulers[i] .. ':' .. schedulers[i + 1]
        if not places[run] then say('I6', run, 'is nowhere') end
      end
      local ready = call('EXISTS', base .. 'wait', base .. 'prioritized') > 0
      if ready and call('HEXISTS', base .. 'meta', 'paused') == 0
        and call('EXISTS', base .. 'active') == 0 and not call('ZSCORE', base .. 'marker', '0') then
        say('?', 'I7', 'nobody is told of the work')
      end
      for _, kind in ipairs({'completed', 'failed'}) do
        local key, sum = base .. 'metrics:' .. kind, 0
        for _, point in ipairs(call('LRANGE', key .. ':data', 0, -1)) do sum = sum + point end
        local count = tonumber(call('HGET', key, 'count') or 0)
        if sum > count then say('I9', kind, sum, 'of', count) end
      end
      return wrong
      """;

  private final RedisCommands<String, String> redis;
  private final String base;
  private final Map<String, Long> suspicious = new HashMap<>();

  InvariantsAtWork(RedisCommands<String, String> redis, Keys keys) {
    this.redis = redis;
    this.base = keys.base();
  }

  /** Looks once. */
  void check() {
    List<String> found = redis.eval(LOOK, ScriptOutputType.MULTI, new String[0], base);
    assertThat(found.stream().filter(line -> !line.startsWith("?"))).isEmpty();
    suspicious.keySet().retainAll(new HashSet<>(found));
    var now = System.nanoTime();
    for (var line : found) {
      var since = suspicious.computeIfAbsent(line, _ -> now);
      assertThat(Duration.ofNanos(now - since)).as(line).isLessThan(TOO_LONG);
    }
  }
}
