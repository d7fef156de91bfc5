package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What holds of a queue's keys at any moment between two scripts. The keys are read one by one, so
 * nothing may change them meanwhile.
 */
final class Invariants {
  private static final Set<String> QUEUE_KEYS =
      Set.of(
          "wait",
          "active",
          "paused",
          "prioritized",
          "delayed",
          "waiting-children",
          "completed",
          "failed",
          "stalled",
          "stalled-check",
          "marker",
          "id",
          "pc",
          "meta",
          "limiter",
          "events",
          "repeat");

  /** Lists the jobs that are in no place or in several, and the ids without a job. */
  private static final String MISPLACED =
      """
      local base, places = ARGV[1], {}
      local function put(ids)
        for _, id in ipairs(ids) do places[id] = (places[id] or 0) + 1 end
      end
      for _, list in ipairs({'wait', 'active', 'paused'}) do
        put(redis.call('LRANGE', base .. list, 0, -1))
      end
      for _, set in ipairs({'prioritized', 'delayed', 'waiting-children', 'completed', 'failed'}) do
        put(redis.call('ZRANGE', base .. set, 0, -1))
      end
      local wrong = {}
      for _, key in ipairs(redis.call('KEYS', base .. '*')) do
        local id = key:sub(#base + 1)
        if redis.call('TYPE', key).ok == 'hash' and redis.call('HEXISTS', key, 'timestamp') == 1 then
          if places[id] ~= 1 then wrong[#wrong + 1] = id .. ' in ' .. (places[id] or 0) end
          places[id] = nil
        end
      end
      for id in pairs(places) do wrong[#wrong + 1] = id .. ' has no hash' end
      return wrong
      """;

  /** Lists the schedulers whose next run is nowhere. */
  private static final String BROKEN_CHAINS =
      """
      local base, broken = ARGV[1], {}
      local schedulers = redis.call('ZRANGE', base .. 'repeat', 0, -1, 'WITHSCORES')
      for i = 1, #schedulers, 2 do
        local run = 'repeat:' .. schedulers[i] .. ':' .. schedulers[i + 1]
        if redis.call('EXISTS', base .. run) == 0 then broken[#broken + 1] = run end
      end
      return broken
      """;

  private final RedisCommands<String, String> redis;
  private final String base;

  Invariants(RedisCommands<String, String> redis, Keys keys) {
    this.redis = redis;
    this.base = keys.base();
  }

  /** Checks I1 and I6, each in one script, so that the queue may be at work. */
  void checkAtOnce() {
    assertThat(listed(MISPLACED)).as("misplaced jobs").isEmpty();
    assertThat(listed(BROKEN_CHAINS)).as("next runs that are nowhere").isEmpty();
  }

  private List<String> listed(String script) {
    return redis.eval(script, ScriptOutputType.MULTI, new String[0], base);
  }

  /** Checks everything that does not need a worker to be alive. */
  void check() {
    var places = places();
    everyJobIsInOnePlace(places);
    parentsWaitForSomething(places);
    attemptsThatEndedHadBegun(places.keySet());
    deduplicationKeysBelongToUnfinishedJobs(places);
    workIsAnnounced();
    eventsAreInOrder();
    metricsAddUp();
  }

  /** I1: every job is in exactly one place, and nothing else is. */
  private void everyJobIsInOnePlace(Map<String, List<String>> places) {
    assertThat(jobs()).as("jobs and the places they are in").isEqualTo(places.keySet());
    assertThat(places).allSatisfy((id, in) -> assertThat(in).as("job " + id).hasSize(1));
  }

  /** I3 and I4. */
  private void parentsWaitForSomething(Map<String, List<String>> places) {
    places.forEach((id, in) -> {
      var pending = redis.smembers(base + id + ":dependencies");
      if (in.contains("waiting-children")) {
        assertThat(pending).as("children that %s waits for", id).isNotEmpty();
      }
      for (var child : pending) {
        assertThat(redis.hget(child, "parentKey")).as(child).isEqualTo(base + id);
      }
    });
  }

  /** I5. */
  private void deduplicationKeysBelongToUnfinishedJobs(Map<String, List<String>> places) {
    for (var key : keysLike("de:*")) {
      if (redis.pttl(key) == -1) {
        assertThat(places.get(redis.get(key)))
            .as(key)
            .doesNotContain("completed", "failed")
            .isNotNull();
      }
    }
  }

  /** I7, without a worker that is about to look by itself. */
  private void workIsAnnounced() {
    var isReady = redis.llen(base + "wait") + redis.zcard(base + "prioritized") > 0;
    if (isReady && !redis.hexists(base + "meta", "paused") && redis.llen(base + "active") == 0) {
      assertThat(redis.zscore(base + "marker", "0")).as("marker").isNotNull();
    }
  }

  /** I8. */
  private void attemptsThatEndedHadBegun(Set<String> ids) {
    for (var id : ids) {
      var job = redis.hgetall(base + id);
      assertThat(Integer.parseInt(job.getOrDefault("atm", "0")))
          .as("attempts of " + job)
          .isLessThanOrEqualTo(Integer.parseInt(job.getOrDefault("ats", "0")));
    }
  }

  /** I9. */
  private void metricsAddUp() {
    for (var end : List.of("completed", "failed")) {
      var points = redis.lrange(base + "metrics:" + end + ":data", 0, -1);
      var count = redis.hget(base + "metrics:" + end, "count");
      assertThat(points.stream().mapToLong(Long::parseLong).sum())
          .isLessThanOrEqualTo(count == null ? 0 : Long.parseLong(count));
    }
  }

  /** I10: ids grow; a job is added, then active, then finished, and finished once. */
  private void eventsAreInOrder() {
    var seen = new HashMap<String, List<String>>();
    StreamId last = StreamId.of("0-0");
    for (var entry : redis.xrange(base + "events", Range.unbounded(), Limit.unlimited())) {
      var id = StreamId.of(entry.getId());
      assertThat(id).isGreaterThan(last);
      last = id;
      var job = entry.getBody().get("jobId");
      var event = entry.getBody().get("event");
      if (job != null && event != null) {
        seen.computeIfAbsent(job, _ -> new ArrayList<>()).add(event);
      }
    }
    seen.forEach((job, events) -> {
      assertThat(events.getFirst()).as("events of %s: %s", job, events).isEqualTo("added");
      var ends = events.stream().filter(e -> e.equals("completed") || e.equals("failed")).count();
      assertThat(ends).as("ends of %s: %s", job, events).isLessThanOrEqualTo(1);
      var end = Math.max(events.indexOf("completed"), events.indexOf("failed"));
      if (end >= 0) {
        assertThat(events.indexOf("active")).as("start of %s", job).isBetween(1, end - 1);
        assertThat(events.subList(end, events.size())).doesNotContain("active", "waiting");
      }
    });
  }

  private Map<String, List<String>> places() {
    var places = new HashMap<String, List<String>>();
    for (var list : List.of("wait", "active", "paused")) {
      redis
          .lrange(base + list, 0, -1)
          .forEach(id -> places.computeIfAbsent(id, _ -> new ArrayList<>()).add(list));
    }
    for (var set : List.of("prioritized", "delayed", "waiting-children", "completed", "failed")) {
      redis
          .zrange(base + set, 0, -1)
          .forEach(id -> places.computeIfAbsent(id, _ -> new ArrayList<>()).add(set));
    }
    return places;
  }

  private Set<String> jobs() {
    var ids = new HashSet<String>();
    for (var key : keysLike("*")) {
      var suffix = key.substring(base.length());
      // A run of a scheduler is called repeat:scheduler:time.
      var isRun = suffix.matches("repeat:[^:]+:\\d+");
      if (isRun || (!suffix.contains(":") && !QUEUE_KEYS.contains(suffix))) {
        ids.add(suffix);
      }
    }
    return ids;
  }

  private Set<String> keysLike(String pattern) {
    var keys = new HashSet<String>();
    ScanIterator.scan(redis, ScanArgs.Builder.matches(base + pattern).limit(1000))
        .forEachRemaining(keys::add);
    return keys;
  }
}
