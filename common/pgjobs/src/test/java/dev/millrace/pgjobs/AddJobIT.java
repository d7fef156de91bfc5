package dev.millrace.pgjobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Adding jobs, in SQL and from Java. */
class AddJobIT {
  private static final Instant LATER = Instant.parse("2040-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("2050-01-01T00:00:00Z");

  private final TestDatabase t = new TestDatabase();
  private final PgJobs jobs = t.jobs();

  @AfterEach
  void close() {
    t.close();
  }

  private void state(long id, String assignments) {
    t.column("UPDATE graphile_worker._private_jobs SET " + assignments + " WHERE id = ?", id);
  }

  private String refusal(String call) {
    try {
      t.column("SELECT graphile_worker." + call);
      return "";
    } catch (TestDatabase.Failure e) {
      return e.state;
    }
  }

  @Test
  void hasTheDefaultsOfTheSchema() {
    t.column("SELECT graphile_worker.add_job('a')");

    var job = jobs.list(JobFilter.ALL).getFirst();
    assertThat(job.priority()).isZero();
    assertThat(job.maxAttempts()).isEqualTo(25);
    assertThat(job.queueName()).isNull();
    assertThat(job.key()).isNull();
    assertThat(job.flags()).isEmpty();
    assertThat(jobs.payload(job.id())).contains("{}");
  }

  @Test
  void storesEverythingItIsGiven() {
    var job =
        jobs.add(
            new NewJob(
                "a",
                "{\"b\":1.50,\"b\":2}",
                "q",
                LATER,
                3,
                -4,
                "k",
                JobKeyMode.REPLACE,
                List.of("x", "y")));

    assertThat(job.queueName()).isEqualTo("q");
    assertThat(job.runAt()).isEqualTo(LATER);
    assertThat(job.maxAttempts()).isEqualTo(3);
    assertThat(job.priority()).isEqualTo(-4);
    assertThat(job.key()).isEqualTo("k");
    assertThat(job.flags()).containsExactlyInAnyOrder("x", "y");
    // As it was written, numbers and double names included.
    assertThat(jobs.payload(job.id())).contains("{\"b\":1.50,\"b\":2}");
    assertThat(t.value("SELECT flags FROM graphile_worker.jobs"))
        .isEqualTo("{\"x\": true, \"y\": true}");
  }

  @Test
  void refusesWithTheSqlStatesOfGraphileWorker() {
    assertThat(refusal("add_job(null)")).isEqualTo("23502");
    assertThat(refusal("add_job(repeat('x', 129))")).isEqualTo("23514");
    assertThat(refusal("add_job('a', queue_name => repeat('x', 129))")).isEqualTo("23514");
    assertThat(refusal("add_job('a', job_key => '')")).isEqualTo("23514");
    assertThat(refusal("add_job('a', job_key => repeat('x', 513))")).isEqualTo("23514");
    assertThat(refusal("add_job('a', max_attempts => 0)")).isEqualTo("23514");
    assertThat(refusal("add_job('a', max_attempts => 40000)")).isEqualTo("22003");
    assertThat(refusal("add_job('a', priority => -40000)")).isEqualTo("22003");
    assertThat(refusal("add_job('a', job_key => 'k', job_key_mode => 'x')")).isEqualTo("GWBKM");
    assertThat(refusal("add_job('a', job_key_mode => 'x')")).isEmpty();
    assertThat(refusal("add_job('a', job_key => 'k', job_key_mode => null)")).isEmpty();
    assertThat(refusal("add_job('', queue_name => '')")).isEmpty();
    assertThat(
            refusal(
                """
                add_jobs(ARRAY[
                  ('a', null, null, null, null, 'k', null, null)::graphile_worker.job_spec,
                  ('a', null, null, null, null, 'k', null, null)::graphile_worker.job_spec])
                """))
        .isEqualTo("21000");
    assertThat(refusal("add_jobs(null)")).isEmpty();
    assertThat(refusal("add_jobs('{}')")).isEmpty();
  }

  @Test
  void replaceResetsWhatIsNotGiven() {
    var first =
        jobs.add(
            NewJob.of("a").withQueueName("q").withPriority(5).withRunAt(LATER).withJobKey("k"));
    state(first.id(), "attempts = 2, last_error = 'boom'");

    var second = jobs.add(NewJob.of("b", "{\"n\":2}").withJobKey("k"));

    assertThat(second.id()).isEqualTo(first.id());
    assertThat(second.task()).isEqualTo("b");
    assertThat(second.queueName()).isNull();
    assertThat(second.priority()).isZero();
    assertThat(second.attempts()).isZero();
    assertThat(second.lastError()).isNull();
    assertThat(second.revision()).isEqualTo(1);
    assertThat(second.runAt()).isBefore(LATER);
  }

  @Test
  void preserveRunAtKeepsTheTimeOfAJobThatWasNotTried() {
    var mode = NewJob.of("a").withJobKey("k").withJobKeyMode(JobKeyMode.PRESERVE_RUN_AT);
    var first = jobs.add(mode.withRunAt(LATER));

    assertThat(jobs.add(mode.withRunAt(LATEST)).runAt()).isEqualTo(LATER);
    state(first.id(), "attempts = 1");
    assertThat(jobs.add(mode.withRunAt(LATEST)).runAt()).isEqualTo(LATEST);
  }

  @Test
  void unsafeDedupeLeavesTheJobAsItIs() {
    var first = jobs.add(NewJob.of("a", "{\"n\":1}").withJobKey("k"));
    state(first.id(), "attempts = max_attempts");

    var again =
        jobs.add(
            NewJob.of("a", "{\"n\":2}").withJobKey("k").withJobKeyMode(JobKeyMode.UNSAFE_DEDUPE));

    assertThat(again.id()).isEqualTo(first.id());
    assertThat(again.revision()).isEqualTo(1);
    assertThat(again.isDead()).isTrue();
    assertThat(jobs.payload(first.id())).contains("{\"n\":1}");
  }

  @Test
  void aRunningOrDeadJobGivesItsKeyToANewOne() {
    for (var condition : List.of("locked_at = now(), locked_by = 'x'", "attempts = max_attempts")) {
      var first = jobs.add(NewJob.of("a").withJobKey("k"));
      state(first.id(), condition);

      var second = jobs.add(NewJob.of("a").withJobKey("k"));

      assertThat(second.id()).isNotEqualTo(first.id());
      var old = jobs.find(first.id()).orElseThrow();
      assertThat(old.key()).isNull();
      assertThat(old.attempts()).isEqualTo(old.maxAttempts());
    }
  }

  @Test
  void arraysOfOneKeyGrowTogether() {
    jobs.add(NewJob.of("a", "[{\"n\": 1.0}]").withJobKey("k"));
    jobs.add(NewJob.of("a", "[2, 3]").withJobKey("k"));
    var last = jobs.add(NewJob.of("a", "[]").withJobKey("k"));

    assertThat(jobs.payload(last.id()).orElseThrow().replace(" ", ""))
        .isEqualTo("[{\"n\":1.0},2,3]");
    jobs.add(NewJob.of("a", "{}").withJobKey("k"));
    assertThat(jobs.payload(last.id())).contains("{}");
  }

  @Test
  void addsThousandsInOneCall() {
    var many =
        IntStream.range(0, 5_000).mapToObj(i -> NewJob.of("a", "{\"i\":" + i + "}")).toList();

    assertThat(jobs.addAll(many)).hasSize(5_000);
    assertThat(t.count("SELECT count(*) FROM graphile_worker.jobs")).isEqualTo(5_000);
  }

  @Test
  void addsManyOfAllKindsInOneCall() {
    var before = jobs.add(NewJob.of("a").withJobKey("k1").withRunAt(LATER));

    var added =
        jobs.addAll(
            List.of(
                NewJob.of("a", "{\"n\":1}").withJobKey("k1").withFlags("f"),
                NewJob.of("b").withQueueName("q").withMaxAttempts(2).withRunAt(LATER),
                NewJob.of("c").withJobKey("k2").withPriority(7)));

    assertThat(added).hasSize(3);
    assertThat(jobs.find(before.id()).orElseThrow().flags()).containsExactly("f");
    assertThat(added).extracting(Job::queueName).contains("q");
    assertThatThrownBy(() ->
            jobs.addAll(List.of(NewJob.of("a").withJobKey("x"), NewJob.of("a").withJobKey("x"))))
        .isInstanceOfSatisfying(
            PgJobsException.class, e -> assertThat(e.sqlState()).isEqualTo("21000"));
  }

  @Test
  void knownNamesCostNoIdentityValues() {
    for (var i = 0; i < 50; i++) {
      jobs.add(NewJob.of("a").withQueueName("q"));
      jobs.addAll(List.of(NewJob.of("a").withQueueName("q")));
    }

    assertThat(t.count("SELECT last_value FROM graphile_worker.tasks_id_seq")).isEqualTo(1);
    assertThat(t.count("SELECT last_value FROM graphile_worker.job_queues_id_seq")).isEqualTo(1);
  }

  @Test
  void concurrentCallsWithOneKeyAllGetAJob() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var round = 0; round < 20; round++) {
        var key = "k" + round;
        var calls = new ArrayList<Future<Job>>();
        for (var i = 0; i < 8; i++) {
          calls.add(threads.submit(() -> jobs.add(NewJob.of("a").withJobKey(key))));
        }
        for (var call : calls) {
          assertThat(call.get().key()).isEqualTo(key);
        }
      }
    }
    assertThat(t.count("SELECT count(*) FROM graphile_worker.jobs")).isEqualTo(20);
  }

  @Test
  void takesItsOptionsAsOneObject() {
    t.column(
        """
        SELECT graphile_worker.add_job('a', '{"n":1}'::json, json_build_object(
          'queueName', 'q', 'runAt', '2040-01-01T00:00:00Z', 'maxAttempts', 3, 'jobKey', 'k',
          'jobKeyMode', 'preserve_run_at', 'priority', -2, 'flags', json_build_array('x')))
        """);

    var job = jobs.list(JobFilter.ALL).getFirst();
    assertThat(job.queueName()).isEqualTo("q");
    assertThat(job.runAt()).isEqualTo(LATER);
    assertThat(job.maxAttempts()).isEqualTo(3);
    assertThat(job.key()).isEqualTo("k");
    assertThat(job.priority()).isEqualTo(-2);
    assertThat(job.flags()).containsExactly("x");
    assertThat(refusal("add_job('a', '{}'::json, '{\"maxAttempt\": 3}'::json)")).isEqualTo("22023");
    assertThat(refusal("add_job('a', '{}'::json, '[]'::json)")).isEqualTo("22023");
    assertThat(refusal("add_job('a', '{}'::json, null::json)")).isEmpty();
  }

  @Test
  void takesAnUntypedLiteralOfOptionsForWhatItIs() {
    t.column(
        "SELECT graphile_worker.add_job('sendInvoice', '{\"id\": 7}', '{\"maxAttempts\": 5}')");

    var job = jobs.list(JobFilter.ALL).getFirst();
    assertThat(job.maxAttempts()).isEqualTo(5);
    assertThat(job.queueName()).isNull();
    assertThat(refusal("add_job('a', '{}', 'q')")).isEmpty();
    assertThat(t.count("SELECT count(*) FROM graphile_worker._private_job_queues")).isEqualTo(1);
  }

  @Test
  void belongsToTheCallersTransaction() throws Exception {
    try (var connection = t.pool.getConnection()) {
      connection.setAutoCommit(false);
      jobs.add(connection, NewJob.of("a"));
      connection.rollback();
      jobs.add(connection, NewJob.of("b"));
      connection.commit();
    }

    assertThat(jobs.list(JobFilter.ALL)).extracting(Job::task).containsExactly("b");
  }

  @Test
  void aPayloadThatIsNoJsonIsRefusedShortly() {
    assertThatThrownBy(() -> jobs.add("a", "{" + "x".repeat(1_000_000)))
        .isInstanceOfSatisfying(
            PgJobsException.class, e -> assertThat(e.sqlState()).isEqualTo("22P02"))
        .message()
        .hasSizeLessThan(10_000);
  }
}
