package dev.millrace.pgjobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Makes, recognises, migrates and refuses schemas. */
class SchemaIT {
  private final TestDatabase t = new TestDatabase();

  @AfterEach
  void close() {
    t.close();
  }

  @Test
  void makesASchemaOnceAndThenChangesNothing() {
    t.jobs();
    var before = t.column("SELECT xmin::text FROM graphile_worker.migrations ORDER BY id");

    t.jobs();

    assertThat(t.column("SELECT xmin::text FROM graphile_worker.migrations ORDER BY id"))
        .isEqualTo(before);
    assertThat(t.column("SELECT id FROM graphile_worker.migrations WHERE breaking ORDER BY id"))
        .containsExactly("1", "3", "11", "13", "14", "16", "19");
    assertThat(t.count("SELECT max(id) FROM graphile_worker.migrations")).isEqualTo(20);
  }

  @Test
  void twentyProcessesMayStartAtOnce() throws Exception {
    var jobs = PgJobs.of(t.pool);
    var done = new ArrayList<Future<?>>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      IntStream.range(0, 20).forEach(i -> done.add(threads.submit(jobs::migrate)));
      for (var one : done) {
        one.get();
      }
    }

    assertThat(t.count("SELECT count(*) FROM graphile_worker.migrations")).isEqualTo(20);
  }

  @Test
  void takesOverAnEmptyTableOfMigrations() {
    t.column("CREATE SCHEMA graphile_worker");
    t.column(
        "CREATE TABLE graphile_worker.migrations (id int PRIMARY KEY, ts timestamptz DEFAULT now())");

    t.jobs();

    assertThat(t.count("SELECT max(id) FROM graphile_worker.migrations")).isEqualTo(20);
  }

  @Test
  void refusesANewerSchemaThatBreaksAndLeavesItAlone() {
    t.jobs();
    t.column("INSERT INTO graphile_worker.migrations (id, breaking) VALUES (999999, true)");

    assertThatThrownBy(() -> PgJobs.of(t.pool).migrate())
        .isInstanceOf(SchemaVersionException.class)
        .hasMessageStartingWith("Database is using Graphile Worker schema revision 999999")
        .hasMessageContaining("20");
    assertThat(t.count("SELECT count(*) FROM graphile_worker.migrations")).isEqualTo(21);
  }

  @Test
  void worksWithANewerSchemaThatDoesNotBreak() {
    t.jobs();
    t.column("INSERT INTO graphile_worker.migrations (id, breaking) VALUES (21, false)");

    var job = t.jobs().add("a", "{}");

    assertThat(job.task()).isEqualTo("a");
  }

  @Test
  void staysWhereOlderWorkersAreAndGoesOnWhenTold() {
    var old = SchemaOptions.DEFAULT.withCompatibility(Compatibility.V0_16);
    t.jobs(old).add("a", "{}");
    assertThat(t.count("SELECT max(id) FROM graphile_worker.migrations")).isEqualTo(18);

    t.jobs(old);
    assertThat(t.count("SELECT max(id) FROM graphile_worker.migrations")).isEqualTo(18);
    t.jobs();

    assertThat(t.count("SELECT max(id) FROM graphile_worker.migrations")).isEqualTo(20);
    assertThat(t.count("SELECT count(*) FROM graphile_worker.jobs")).isEqualTo(1);
  }

  @Test
  void anySchemaNameIsQuotedSafely() throws InterruptedException {
    for (var name :
        new String[] {"o'hara\"; DROP SCHEMA public; --", "a\\b", "Größe $1 ?", "select"}) {
      var options = SchemaOptions.DEFAULT.withName(name);
      var jobs = t.jobs(options);
      jobs.migrate();
      jobs.add("a", "{}");
      var job = jobs.add(NewJob.of("b").withQueueName("q").withJobKey("k"));

      var summary =
          JobRunner.runOnce(
              jobs,
              Tasks.builder().add("a", c -> {}).add("b", c -> {}).build(),
              RunnerOptions.DEFAULT);

      assertThat(summary.completed()).as(name).isEqualTo(2);
      assertThat(jobs.find(job.id())).isEmpty();
      assertThat(jobs.cleanup(java.util.EnumSet.allOf(Cleanup.class), java.util.Set.of()))
          .isEqualTo(3);
    }
    assertThat(t.count("SELECT count(*) FROM pg_namespace WHERE nspname = 'public'")).isEqualTo(1);
  }

  @Test
  void refusesNamesThatNoSchemaCanHave() {
    for (var name : new String[] {"", "a\0b", "pg_mine", "x$pgjobs$y", "é".repeat(32)}) {
      assertThatThrownBy(() -> SchemaOptions.DEFAULT.withName(name))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void twoSchemasOfOneDatabaseKnowNothingOfEachOther() throws InterruptedException {
    var one = t.jobs(SchemaOptions.DEFAULT.withName("one"));
    var two = t.jobs(SchemaOptions.DEFAULT.withName("two"));
    one.add("a", "{}");
    two.add("a", "{}");

    var summary = JobRunner.runOnce(one, Tasks.of("a", c -> {}), RunnerOptions.DEFAULT);

    assertThat(summary.completed()).isEqualTo(1);
    assertThat(two.list(JobFilter.ALL)).hasSize(1);
  }

  @Test
  void aRoleThatMayNotCreateAnythingUsesWhatIsThere() {
    t.jobs();
    t.column("CREATE ROLE r" + t.db.name() + " LOGIN BYPASSRLS PASSWORD 'r'");
    for (var grant :
        new String[] {
          "USAGE ON SCHEMA graphile_worker",
          "ALL ON ALL TABLES IN SCHEMA graphile_worker",
          "USAGE ON ALL SEQUENCES IN SCHEMA graphile_worker"
        }) {
      t.column("GRANT " + grant + " TO r" + t.db.name());
    }
    t.column("DROP INDEX graphile_worker.millrace_queue_index");
    var jobs =
        t.own(PgJobs.connect(t.db.jdbcUrl(), "r" + t.db.name(), "r", 6, SchemaOptions.DEFAULT));
    jobs.migrate();
    jobs.add(NewJob.of("a").withQueueName("q"));

    t.run(jobs, Tasks.of("a", c -> {}), RunnerOptions.builder());

    t.awaitCount("SELECT count(*) FROM graphile_worker.jobs", 0);
  }

  @Test
  void refusesASchemaFromBeforeRevision18() {
    t.column("CREATE SCHEMA graphile_worker");
    t.column(
        """
        CREATE TABLE graphile_worker.migrations
          (id int PRIMARY KEY, ts timestamptz DEFAULT now(), breaking boolean DEFAULT false)
        """);
    t.column("INSERT INTO graphile_worker.migrations (id) VALUES (1), (2), (3)");

    assertThatThrownBy(() -> PgJobs.of(t.pool).migrate())
        .isInstanceOf(SchemaVersionException.class)
        .hasMessageContaining("revision 3")
        .hasMessageContaining("graphile-worker --schema-only");
  }
}
