package dev.millrace.e2e;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Background jobs as applications use them: started by SQL, done by workers, which may die. */
class BackgroundTasksIT {
  private static final String INVOICE =
      """
      {"to": "ann@example.com", "number": "F-2026-7", "customer": "Ann Smith",
       "date": "2026-11-26", "locale": "fr-FR", "taxRate": 20,
       "lines": [{"description": "Conseil", "quantity": 2, "unitPrice": 512.25}]}
      """;

  @TempDir private Path folder;

  @Test
  void anInvoiceStartedBySqlArrivesThoughItsWorkersWereKilledBetweenTheLinks() throws Exception {
    requirePdftotext();
    var silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    var smtp = silent.getLocalPort();
    var mail = new GreenMail(new ServerSetup(smtp, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    try (silent;
        var deployment = deployment(smtp);
        var connection = deployment.connect()) {
      var first = deployment.startWorker();
      connection.setAutoCommit(false);
      try (var statement = connection.createStatement()) {
        // The second link cannot store its document, so it is under way when its worker dies.
        statement.execute("LOCK TABLE millrace.job_file IN ACCESS EXCLUSIVE MODE");
      }
      execute(
          deployment,
          "SELECT graphile_worker.add_job('sendInvoice', '"
              + INVOICE
              + "', '{\"maxAttempts\": 5}')");
      awaitLocked(deployment, "pdf");
      assertThat(count(deployment, "SELECT count(*) FROM graphile_worker.jobs")).isEqualTo(1);

      first.kill();
      connection.rollback();
      var second = deployment.startWorker();
      // The third link talks to a server that never answers.
      awaitLocked(deployment, "email");
      assertThat(count(deployment, "SELECT count(*) FROM millrace.job_file")).isEqualTo(1);
      try (var _ = silent.accept()) {
        second.kill();
      }
      silent.close();
      mail.start();
      deployment.startWorker();

      await()
          .atMost(60, SECONDS)
          .untilAsserted(() ->
              assertThat(count(deployment, "SELECT count(*) FROM graphile_worker.jobs"))
                  .as(deployment::logs)
                  .isZero());
      assertThat(mail.getReceivedMessages()).hasSize(1);
      var message = mail.getReceivedMessages()[0];
      assertThat(message.getSubject()).isEqualTo("Invoice F-2026-7");
      var attachment = ((MimeMultipart) message.getContent()).getBodyPart(1);
      try (var pdf = attachment.getInputStream()) {
        assertThat(text(pdf)).contains("F-2026-7", "Conseil", "1 229,40 €");
      }
      assertThat(deployment.logs()).doesNotContain("s3cret-mail");
    } finally {
      mail.stop();
    }
  }

  private String text(InputStream pdf) throws IOException, InterruptedException {
    var file = folder.resolve("invoice.pdf");
    Files.write(file, pdf.readAllBytes());
    var process =
        new ProcessBuilder("pdftotext", "-layout", file.toString(), "-")
            .redirectErrorStream(true)
            .start();
    var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(text).isZero();
    return text.replaceAll("[\\s\u00A0\u202F]+", " ");
  }

  private static void requirePdftotext() throws InterruptedException {
    try {
      var _ = new ProcessBuilder("pdftotext", "-v").start().waitFor();
    } catch (IOException e) {
      Assumptions.abort("needs pdftotext (Debian: poppler-utils)");
    }
  }

  @Test
  void theApiAddsListsRetriesAndRemovesJobs() throws Exception {
    try (var deployment = new Deployment("queue")) {
      var api = deployment.startServer();
      assertThat(api.server().status("/api/v1/jobs")).isEqualTo(401);

      var added =
          api.send(
              "POST", "/api/v1/jobs", "{\"task\": \"later\", \"payload\": [1], \"jobKey\": \"k\"}");
      assertThat(added.statusCode()).as(added.body()).isEqualTo(201);
      var id = added.body().replaceAll("^\\{\"id\":(\\d+).*", "$1");
      assertThat(api.send("GET", "/api/v1/jobs?state=ready&task=later", "").body())
          .contains("\"id\":" + id, "\"key\":\"k\"");
      assertThat(api.send("GET", "/api/v1/jobs/" + id, "").body()).contains("\"payload\":[1]");
      assertThat(api.send("GET", "/api/v1/jobs/stats", "").body())
          .contains("\"revision\":20", "\"task\":\"later\",\"ready\":1");
      assertThat(api.send("POST", "/api/v1/jobs/" + id + "/fail", "{\"reason\": \"no\"}").body())
          .contains("\"attempts\":25", "\"lastError\":\"no\"");
      assertThat(api.send("POST", "/api/v1/jobs/" + id + "/retry", "").body())
          .contains("\"attempts\":0");
      assertThat(api.send("DELETE", "/api/v1/jobs?key=k", "").statusCode()).isEqualTo(200);
      assertThat(api.send("GET", "/api/v1/jobs/" + id, "").statusCode()).isEqualTo(404);
      assertThat(api.send("POST", "/api/v1/jobs/cleanup", "{}").body()).contains("\"removed\":1");

      assertThat(api.send("POST", "/api/v1/jobs", "{\"payload\": 1}").body())
          .contains("task is missing");
      assertThat(
              api.send("POST", "/api/v1/jobs", "{\"task\": \"a\", \"maxAttempts\": 0}")
                  .statusCode())
          .isEqualTo(400);
      assertThat(api.send("GET", "/api/v1/jobs?state=odd", "").statusCode()).isEqualTo(400);
      assertThat(api.send("GET", "/api/v1/jobs/x", "").statusCode()).isEqualTo(400);
    }
  }

  @Test
  void aFlowStartsAJobThatTheOnlyProcessDoes() throws Exception {
    try (var deployment = new Deployment("main").with("JOBS_TASK_FOLDER", folder.toString())) {
      var done = folder.resolve("done.txt");
      var program = folder.resolve("note.sh");
      Files.writeString(
          program,
          "#!/bin/sh\ncat > '%s.part' && mv '%s.part' '%s'\n".replace("%s", done.toString()));
      assertThat(program.toFile().setExecutable(true)).isTrue();
      var api = deployment.startServer();
      var flow = api.createFlow(Flows.startingTask("note"));

      var answer = api.predict(flow, "{\"question\": \"say \\\"hi\\\" {x}\"}");

      assertThat(answer.body()).as(deployment::logs).contains("Started note as job");
      await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(done));
      assertThat(done).content().contains("\"question\":\"say \\\"hi\\\" {x}\"", "\"n\":1");
    }
  }

  private static Deployment deployment(int smtp) throws IOException {
    return new Deployment("queue")
        .with("WORKER_MODE", "async-task:process")
        .with("SMTP_HOST", "127.0.0.1")
        .with("SMTP_PORT", Integer.toString(smtp))
        .with("SMTP_SECURE", "false")
        .with("SMTP_PASSWORD", "s3cret-mail")
        .with("SENDER_EMAIL", "Millrace <flows@example.com>");
  }

  private static void awaitLocked(Deployment deployment, String task) {
    await()
        .atMost(60, SECONDS)
        .untilAsserted(() ->
            assertThat(
                    count(
                        deployment,
                        "SELECT count(*) FROM graphile_worker.jobs WHERE locked_at IS NOT NULL"
                            + " AND task_identifier = '"
                            + task
                            + "'"))
                .as(deployment::logs)
                .isEqualTo(1));
  }

  private static void execute(Deployment deployment, String statement) throws SQLException {
    try (var connection = deployment.connect();
        var sql = connection.createStatement()) {
      sql.execute(statement);
    }
  }

  private static long count(Deployment deployment, String query) throws SQLException {
    try (var connection = deployment.connect();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
