package dev.millrace.platform.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testing.TestPostgres;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code millrace jobs}, with a database of its own. */
class JobCommandsIT {
  @TempDir private Path home;
  private final TestPostgres.Db db = TestPostgres.createDatabase();
  private String out = "";
  private String err = "";

  private int run(String... args) {
    var all = new ArrayList<>(List.of("jobs", args[0]));
    for (var setting :
        List.of(
            "MILLRACE_HOME=" + home,
            "DATABASE_HOST=" + db.host(),
            "DATABASE_PORT=" + db.port(),
            "DATABASE_NAME=" + db.name(),
            "DATABASE_USER=" + db.user(),
            "DATABASE_PASSWORD=" + db.password())) {
      all.add("--set");
      all.add(setting);
    }
    // Later ones win.
    all.addAll(List.of(args).subList(1, args.length));
    var output = new StringWriter();
    var errors = new StringWriter();
    var code =
        Main.commandLine(new PrintWriter(output, true), new PrintWriter(errors, true))
            .execute(all.toArray(String[]::new));
    out = output.toString();
    err = errors.toString();
    return code;
  }

  private void sql(String statement) throws Exception {
    try (var connection = DriverManager.getConnection(db.jdbcUrl(), db.user(), db.password());
        var sql = connection.createStatement()) {
      sql.execute(statement);
    }
  }

  @Test
  void looksAfterAJobFromItsBeginningToItsEnd() throws Exception {
    assertThat(run("doctor")).isEqualTo(1);
    assertThat(out).contains("problem: schema graphile_worker is not there");
    assertThat(run("migrate")).as(err).isZero();
    assertThat(out).contains("revision 20");

    assertThat(
            run(
                "add",
                "note",
                "{\"a\": 1}",
                "--options",
                "{\"maxAttempts\": 2, \"jobKey\": \"k\"}"))
        .as(err)
        .isZero();
    var id = out.strip();
    assertThat(run("list")).isZero();
    assertThat(out).contains("note", "ready", "0/2");
    assertThat(run("list", "--state", "dead", "--json")).isZero();
    assertThat(out).isEmpty();
    assertThat(run("show", id)).isZero();
    assertThat(out).contains("\"a\" : 1");
    assertThat(run("doctor")).isEqualTo(1);
    assertThat(out).contains("problem: 1 jobs are ready, but no runner");

    assertThat(run("fail", id, "--reason", "not wanted")).isZero();
    assertThat(run("list", "--state", "dead")).isZero();
    assertThat(out).contains("not wanted");
    assertThat(run("doctor")).isZero();
    assertThat(out).contains("warning: 1 jobs of note have failed for good");
    assertThat(run("retry", "--dead")).isZero();
    assertThat(out).isEqualTo(id + " again\n");

    var program = Files.createDirectories(home.resolve("tasks")).resolve("note.sh");
    Files.writeString(program, "#!/bin/sh\nexit 0\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    assertThat(run("run", "--once")).as(err).isZero();
    assertThat(out).isEqualTo("1 done, 0 failed\n");
    assertThat(run("show", id)).isEqualTo(1);
    assertThat(err).contains("there is no job " + id);
    assertThat(run("cleanup")).isZero();
    assertThat(out).contains("rows removed");
  }

  @Test
  void leavesAloneWhatRuns() throws Exception {
    assertThat(run("add", "note")).isZero();
    var id = out.strip();
    sql(
        "UPDATE graphile_worker._private_jobs SET locked_by = 'pool-x',"
            + " locked_at = now() - interval '2 hours'");

    assertThat(run("remove", id)).isEqualTo(1);
    assertThat(out).contains("left alone");
    run("doctor");
    assertThat(out).contains("is no runner of ours", "millrace jobs unlock pool-x");
    assertThat(run("unlock", "pool-x")).isZero();
    assertThat(run("remove", id)).isZero();
    assertThat(run("remove", "--key", "none")).isEqualTo(1);
    assertThat(err).contains("no job of key none");
  }

  @Test
  void saysWhatIsWrong() throws Exception {
    assertThat(run("add", "note", "{no json")).isEqualTo(1);
    assertThat(err).contains("PAYLOAD is no JSON");
    assertThat(run("add", "note", "{}", "--options", "{\"priority\": \"high\"}")).isEqualTo(1);
    assertThat(err).contains("priority has to be a whole number");
    assertThat(run("retry")).isEqualTo(1);
    assertThat(run("list", "--state", "odd")).isEqualTo(2);
    assertThat(run("list", "--set", "DATABASE_PORT=1")).isEqualTo(1);
    sql("INSERT INTO graphile_worker.migrations (id, breaking) VALUES (999, true)");
    assertThat(run("list")).isEqualTo(1);
    assertThat(err).contains("schema revision 999");
    assertThat(run("doctor")).isEqualTo(1);
  }
}
