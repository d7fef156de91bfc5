package dev.millrace.pgjobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What nobody should send, and what a database may answer all the same. */
class BadInputIT {
  private static final String ODD =
      "'; DROP TABLE graphile_worker._private_jobs; -- \"{schema}\" ? $1 💥";

  private final TestDatabase t = new TestDatabase();
  private final PgJobs jobs = t.jobs();

  @AfterEach
  void close() {
    t.close();
  }

  @Test
  void namesAreNeverSql() throws InterruptedException {
    var odd = NewJob.of(ODD, "{\"x\": 1}").withQueueName(ODD).withJobKey(ODD).withFlags(ODD);
    jobs.add(odd.withMaxAttempts(7));
    var job = jobs.addAll(List.of(odd)).getFirst();

    assertThat(job.task()).isEqualTo(ODD);
    assertThat(job.queueName()).isEqualTo(ODD);
    assertThat(job.key()).isEqualTo(ODD);
    assertThat(job.flags()).containsExactly(ODD);
    assertThat(jobs.list(new JobFilter(null, ODD, 0, 10))).hasSize(1);
    var options = RunnerOptions.builder().forbiddenFlags(() -> Set.of(ODD + "x")).build();
    assertThat(JobRunner.runOnce(jobs, Tasks.of(ODD, c -> {}), options).completed()).isEqualTo(1);
    jobs.add(odd);
    assertThat(jobs.remove(ODD)).isPresent();
    assertThat(jobs.cleanup(Set.of(Cleanup.values()), Set.of(ODD))).isEqualTo(1);
  }

  @Test
  void anOutcomeThatIsRefusedBecomesAFailureAndTheOthersAreStored() throws InterruptedException {
    t.column(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF TG_OP = 'DELETE' THEN
            IF OLD.payload::text = '"keep"' THEN
              RAISE EXCEPTION 'not this one' USING ERRCODE = '23503';
            END IF;
            RETURN OLD;
          END IF;
          IF NEW.last_error = 'poison' THEN
            RAISE EXCEPTION 'not this text' USING ERRCODE = '22023';
          END IF;
          RETURN NEW;
        END $$
        """);
    t.column(
        """
        CREATE TRIGGER refuse BEFORE UPDATE OR DELETE ON graphile_worker._private_jobs
        FOR EACH ROW EXECUTE FUNCTION refuse()
        """);
    jobs.addAll(IntStream.range(0, 20).mapToObj(i -> NewJob.of("a")).toList());
    var kept = jobs.add("a", "\"keep\"").id();
    var poisoned = jobs.add("a", "\"poison\"").id();

    JobRunner.runOnce(
        jobs,
        Tasks.of(
            "a",
            job -> {
              if (job.payloadText().equals("\"poison\"")) {
                throw new IllegalStateException("poison");
              }
            }),
        RunnerOptions.builder().concurrency(8).build());

    assertThat(jobs.list(JobFilter.ALL)).extracting(Job::id).containsOnly(kept, poisoned);
    assertThat(jobs.list(JobFilter.ALL)).allSatisfy(job -> assertThat(job.lockedAt()).isNull());
    assertThat(jobs.find(kept).orElseThrow().lastError())
        .startsWith("how it ended cannot be stored: ERROR: not this one");
    assertThat(jobs.find(poisoned).orElseThrow().lastError())
        .startsWith("how it ended cannot be stored: ERROR: not this text");
  }

  @Test
  void aSupplierOfFlagsThatFailsStopsNothingForGood() {
    var fails = new java.util.concurrent.atomic.AtomicInteger(3);
    jobs.add("a", "{}");

    t.run(
        jobs,
        Tasks.of("a", job -> {}),
        RunnerOptions.builder()
            .pollInterval(Duration.ofMillis(50))
            .forbiddenFlags(() -> {
              if (fails.getAndDecrement() > 0) {
                throw new IllegalStateException("the quota cannot be read");
              }
              return Set.of();
            }));

    t.awaitCount("SELECT count(*) FROM graphile_worker.jobs", 0);
  }

  @Test
  void ownersOnlyAddJobsAndOthersThroughAFunctionOfTheirs() {
    var role = "low" + t.db.name();
    t.column("CREATE ROLE " + role + " LOGIN PASSWORD 'r'");
    t.column("GRANT USAGE ON SCHEMA graphile_worker TO " + role);
    t.column(
        """
        CREATE FUNCTION public.start_job() RETURNS bigint LANGUAGE sql SECURITY DEFINER
        AS $$ SELECT id FROM graphile_worker.add_job('a') $$
        """);
    t.column("SET ROLE " + role + "; SELECT public.start_job(); RESET ROLE");

    assertThat(jobs.list(JobFilter.ALL)).hasSize(1);
    assertThatThrownBy(() -> t.column("SET ROLE " + role + "; SELECT graphile_worker.add_job('a')"))
        .hasMessageContaining("permission denied");
  }

  @Test
  void optionsThatMakeNoSenseAreRefused() {
    var options = RunnerOptions.builder();
    assertThatThrownBy(() -> options.concurrency(0).build()).hasMessageContaining("concurrency");
    options.concurrency(10);
    assertThatThrownBy(() -> options.pollInterval(Duration.ZERO).build())
        .hasMessageContaining("pollInterval");
    options.pollInterval(Duration.ofSeconds(1));
    assertThatThrownBy(
            () -> options.heartbeat(Duration.ofSeconds(2), Duration.ofSeconds(3)).build())
        .hasMessageContaining("two heartbeats");
    options.heartbeat(Duration.ofSeconds(1), Duration.ofSeconds(3));
    assertThatThrownBy(() -> options.localQueue(LocalQueue.of(9)).build())
        .hasMessageContaining("concurrency (10)");
    assertThatThrownBy(() -> LocalQueue.of(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Tasks.builder().add("a", c -> {}).add("a", c -> {}))
        .hasMessageContaining("there is a task a already");
    assertThatThrownBy(() -> Tasks.of("x".repeat(129), c -> {})).hasMessageContaining("128");
    assertThatThrownBy(
            () -> PgJobs.connect("jdbc:postgresql://h/d", "u", "p", 5, SchemaOptions.DEFAULT))
        .hasMessageContaining("need 6 connections");
    assertThatThrownBy(() ->
            jobs.addAll(
                List.of(NewJob.of("a").withJobKey("k").withJobKeyMode(JobKeyMode.UNSAFE_DEDUPE))))
        .hasMessageContaining("one by one");
  }

  @Test
  void aDatabaseThatIsAwaySaysSo() {
    try (var nowhere =
        PgJobs.connect("jdbc:postgresql://127.0.0.1:1/none?connectTimeout=1", "u", "p")) {
      assertThatThrownBy(
              () -> JobRunner.start(nowhere, Tasks.of("a", c -> {}), RunnerOptions.DEFAULT))
          .isInstanceOf(PgJobsException.class)
          .hasMessageContaining("PostgreSQL is away");
    }
  }
}
