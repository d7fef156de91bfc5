package dev.millrace.pgjobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Looking after jobs by hand. */
class AdminIT {
  private final TestDatabase t = new TestDatabase();
  private final PgJobs jobs = t.jobs();
  private long dead;
  private long regular;
  private long locked;
  private long abandoned;
  private List<Long> all = List.of();

  @BeforeEach
  void addJobs() {
    dead = add("attempts = max_attempts, last_error = 'boom'");
    regular = add("attempts = 1");
    locked = add("locked_at = now(), locked_by = 'w1'");
    abandoned = add("locked_at = now() - interval '4 hours 1 minute', locked_by = 'w2'");
    all = List.of(dead, regular, locked, abandoned);
  }

  private long add(String assignments) {
    var id = jobs.add("a", "{}").id();
    t.column("UPDATE graphile_worker._private_jobs SET " + assignments + " WHERE id = ?", id);
    return id;
  }

  @AfterEach
  void close() {
    t.close();
  }

  @Test
  void completesWhatDoesNotRun() {
    assertThat(jobs.complete(all)).extracting(Job::id).containsOnly(dead, regular, abandoned);
    assertThat(jobs.list(JobFilter.ALL)).extracting(Job::id).containsExactly(locked);
  }

  @Test
  void failsForGoodWhatDoesNotRun() {
    assertThat(jobs.permanentlyFail(List.of(regular, locked), null))
        .singleElement()
        .satisfies(job -> assertThat(job.lastError()).isEqualTo("Manually marked as failed"))
        .satisfies(job -> assertThat(job.isDead()).isTrue());
    assertThat(jobs.permanentlyFail(List.of(regular), "no\0pe").getFirst().lastError())
        .isEqualTo("no\uFFFDpe");
    assertThat(jobs.list(JobFilter.of(JobFilter.State.DEAD, 10)))
        .extracting(Job::id)
        .containsOnly(dead, regular);
  }

  @Test
  void reschedulesToZeroToo() {
    var at = Instant.parse("2040-01-01T00:00:00Z");

    var changed = jobs.reschedule(all, new Reschedule(at, 0, 0, null));

    assertThat(changed).extracting(Job::id).containsOnly(dead, regular, abandoned);
    assertThat(changed).allSatisfy(job -> assertThat(job.attempts()).isZero());
    assertThat(changed).allSatisfy(job -> assertThat(job.runAt()).isEqualTo(at));
    assertThat(jobs.find(dead).orElseThrow().lastError()).isEqualTo("boom");
  }

  @Test
  void removesByKey() {
    var waiting = jobs.add(NewJob.of("a").withJobKey("k1"));
    var running = jobs.add(NewJob.of("a").withJobKey("k2"));
    t.column(
        "UPDATE graphile_worker._private_jobs SET locked_at = now(), locked_by = 'w' WHERE id = ?",
        running.id());

    assertThat(jobs.remove("k1")).map(Job::id).contains(waiting.id());
    assertThat(jobs.find(waiting.id())).isEmpty();
    assertThat(jobs.remove("k2")).map(Job::attempts).contains(25);
    assertThat(jobs.find(running.id()).orElseThrow().key()).isNull();
    assertThat(jobs.remove("k3")).isEmpty();
  }

  @Test
  void unlocksTheNamedWorkersOnly() {
    jobs.forceUnlock(List.of("w1", "unknown"));

    assertThat(jobs.find(locked).orElseThrow().lockedBy()).isNull();
    assertThat(jobs.find(abandoned).orElseThrow().lockedBy()).isEqualTo("w2");
  }

  @Test
  void cleansUpWhatIsToldAlone() {
    jobs.add(NewJob.of("gone").withQueueName("q"));
    jobs.complete(jobs.list(new JobFilter(null, "gone", 0, 10)).stream().map(Job::id).toList());
    jobs.add(NewJob.of("kept"));
    jobs.complete(jobs.list(new JobFilter(null, "kept", 0, 10)).stream().map(Job::id).toList());

    assertThat(jobs.cleanup(EnumSet.of(Cleanup.JOB_QUEUES), Set.of())).isEqualTo(1);
    assertThat(jobs.cleanup(EnumSet.of(Cleanup.TASK_IDENTIFIERS), Set.of("kept"))).isEqualTo(1);
    assertThat(t.column("SELECT identifier FROM graphile_worker._private_tasks"))
        .containsOnly("a", "kept");
    assertThat(jobs.cleanup(EnumSet.of(Cleanup.DEAD_JOBS), Set.of())).isEqualTo(1);
    assertThat(jobs.find(dead)).isEmpty();
  }
}
