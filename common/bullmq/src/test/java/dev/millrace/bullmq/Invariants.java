package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanIterator;
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

  private static final List<String> FINISHED = List.of("completed", "failed");

  private final RedisCommands<String, String> redis;
  private final String base;

  Invariants(RedisCommands<String, String> redis, Keys keys) {
    this.redis = redis;
    this.base = keys.base();
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

  /**
   * I10: ids grow; a job is added, then active, then finished, and finished once unless it was
   * tried again.
   */
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
        var again =
            event.equals("waiting") && FINISHED.contains(entry.getBody().getOrDefault("prev", ""));
        seen.computeIfAbsent(job, _ -> new ArrayList<>()).add(again ? "again" : event);
      }
    }
    seen.forEach((job, events) -> {
      assertThat(events.getFirst()).as("events of %s: %s", job, events).isEqualTo("added");
      var isActive = false;
      var hasEnded = false;
      for (var event : events) {
        switch (event) {
          case "again" -> hasEnded = false;
          case "active", "waiting" -> {
            assertThat(hasEnded).as("%s of %s: %s", event, job, events).isFalse();
            isActive = event.equals("active");
          }
          case "completed", "failed" -> {
            assertThat(isActive && !hasEnded).as("end of %s: %s", job, events).isTrue();
            hasEnded = true;
          }
          default -> {}
        }
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
