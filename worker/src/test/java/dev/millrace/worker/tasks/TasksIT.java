package dev.millrace.worker.tasks;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import dev.millrace.pgjobs.Job;
import dev.millrace.pgjobs.JobFilter;
import dev.millrace.pgjobs.NewJob;
import dev.millrace.pgjobs.RunnerListener;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.DatabaseTarget;
import dev.millrace.platform.db.Migrations;
import dev.millrace.platform.jobs.BackgroundTasks;
import dev.millrace.platform.jobs.JobFiles;
import dev.millrace.platform.settings.Settings;
import dev.millrace.testing.TestPostgres;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tasks, with a real database and a real mail server. */
class TasksIT {
  private static final String PASSWORD = "s3cret-of-the-mail-server";

  @TempDir private Path home;
  private final GreenMail mail =
      new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
  private final List<AutoCloseable> closing = new ArrayList<>();
  private BackgroundTasks tasks;
  private JobFiles files;

  @BeforeEach
  void open() {
    mail.setUser("millrace", PASSWORD);
    mail.start();
    open("127.0.0.1", mail.getSmtp().getPort());
  }

  private void open(String host, int port) {
    var db = TestPostgres.createDatabase();
    var settings =
        Settings.load(
            new String[0],
            Map.ofEntries(
                Map.entry("HOME", home.toString()),
                Map.entry("DATABASE_HOST", db.host()),
                Map.entry("DATABASE_PORT", Integer.toString(db.port())),
                Map.entry("DATABASE_NAME", db.name()),
                Map.entry("DATABASE_USER", db.user()),
                Map.entry("DATABASE_PASSWORD", db.password()),
                Map.entry("SMTP_HOST", host),
                Map.entry("SMTP_PORT", Integer.toString(port)),
                Map.entry("SMTP_SECURE", "false"),
                Map.entry("SMTP_USER", "millrace"),
                Map.entry("SMTP_PASSWORD", PASSWORD),
                Map.entry("SENDER_EMAIL", "Millrace <flows@example.com>")),
            home.resolve(".env"));
    var database = Database.open(DatabaseTarget.of(settings.database(), "test"));
    closing.add(database);
    Migrations.run(database);
    files = new JobFiles(database, Duration.ofHours(1));
    tasks = BackgroundTasks.open(settings, database, RunnerListener.NONE);
    closing.add(tasks);
  }

  @AfterEach
  void close() throws Exception {
    for (var one : closing.reversed()) {
      one.close();
    }
    mail.stop();
  }

  private Job add(String task, String payload) {
    return tasks.jobs().add(NewJob.of(task, payload).withMaxAttempts(3));
  }

  private Job failed(String task, String payload) throws InterruptedException {
    var job = add(task, payload);
    assertThat(tasks.runOnce().failed()).isEqualTo(1);
    return tasks.jobs().find(job.id()).orElseThrow();
  }

  private static List<String> parts(MimeMessage message) throws Exception {
    var parts = new ArrayList<String>();
    var mixed = (MimeMultipart) message.getContent();
    for (var i = 0; i < mixed.getCount(); i++) {
      parts.add(mixed.getBodyPart(i).getContentType().replaceFirst(";[\\s\\S]*", ""));
    }
    return parts;
  }

  @Test
  void anInvoiceGoesFromSqlToAMailWithAPdf() throws Exception {
    add(
        "sendInvoice",
        """
        {"to": "ann@example.com", "cc": ["bob@example.com"], "number": "F-2026-7",
         "customer": "Ann <Smith> & Sons", "date": "2026-11-26", "taxRate": 20,
         "lines": [{"description": "Bread & <b>butter</b>", "quantity": 2, "unitPrice": 512.25}]}
        """);

    var summary = tasks.runOnce();

    assertThat(summary.completed()).as("%s", tasks.jobs().list(JobFilter.ALL)).isEqualTo(3);
    assertThat(mail.getReceivedMessages()).hasSize(2);
    var message = mail.getReceivedMessages()[0];
    assertThat(message.getSubject()).isEqualTo("Invoice F-2026-7");
    assertThat(message.getFrom()[0]).hasToString("Millrace <flows@example.com>");
    assertThat(message.getAllRecipients()).hasSize(2);
    assertThat(parts(message)).containsExactly("multipart/alternative", "application/pdf");
    assertThat(GreenMailUtil.getBody(message)).contains("Ann &lt;Smith&gt; &amp; Sons");
    var attachment = ((MimeMultipart) message.getContent()).getBodyPart(1);
    assertThat(attachment.getFileName()).isEqualTo("invoice-F-2026-7.pdf");
    try (var in = attachment.getInputStream();
        var document = Loader.loadPDF(in.readAllBytes())) {
      assertThat(new PDFTextStripper().getText(document))
          .contains("F-2026-7", "Ann <Smith> & Sons", "Bread & <b>butter</b>", "€1,229.40");
    }
  }

  @Test
  void attachmentsComeFromFilesAndFromEarlierJobs() throws Exception {
    var pdf = add("pdf", "{\"html\": \"<p>made\", \"filename\": \"../../made.pdf\"}");
    tasks.runOnce();
    var stored = files.store("notes.txt", "text/plain", "stored".getBytes(StandardCharsets.UTF_8));
    assertThat(files.ofJob(pdf.id()))
        .singleElement()
        .satisfies(file -> {
          assertThat(file.name()).isEqualTo(".._.._made.pdf");
          assertThat(file.mediaType()).isEqualTo("application/pdf");
          assertThat(file.size()).isPositive();
        });

    add(
        "email",
        """
        {"to": ["a@example.com"], "subject": "s\\r\\nBcc: evil@example.com", "text": "t",
         "attachments": [{"job": %d}, {"file": "%s", "filename": "renamed.txt"}]}
        """
            .formatted(pdf.id(), stored));
    assertThat(tasks.runOnce().completed()).isEqualTo(1);

    var message = mail.getReceivedMessages()[0];
    assertThat(message.getAllRecipients()).hasSize(1);
    assertThat(message.getSubject()).isEqualTo("s Bcc: evil@example.com");
    assertThat(parts(message))
        .containsExactly("multipart/alternative", "application/pdf", "text/plain");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "email|[]|has to be an object",
        "email|{'to': 'a@b.example'}|neither text nor html",
        "email|{'to': 'not an address', 'text': 't'}|to has an address that is none",
        "email|{'text': 't'}|1 to 500 recipients",
        "email|{'to': 'a@b.example', 'text': 't', 'tpye': 1}|unknown member tpye",
        "email|{'to': 7, 'text': 't'}|to has to be a text",
        "email|{'to': 'a@b.example', 'text': 't', 'attachments': [{'path': '/etc/passwd'}]}|nothing"
            + " else",
        "email|{'to': 'a@b.example', 'text': 't', 'attachments': [{'file': '/etc/passwd'}]}|is a"
            + " UUID",
        "email|{'to': 'a@b.example', 'text': 't', 'attachments': [{'job': 999999}]}|no longer,"
            + " kept",
        "email|{'to': 'a@b.example', 'template': '../../etc/passwd'}|template's name",
        "email|{'to': 'a@b.example', 'template': 'none'}|no template none.html",
        "email|{'to': 'a@b.example', 'text': 't', 'next': {'payload': {}}}|next has no task",
        "pdf|{}|neither html nor template",
        "pdf|{'html': 'x', 'page': {'format': 'B52'}}|page.format",
        "pdf|{'html': 'x', 'renderer': 'word'}|builtin or chromium",
        "pdf|{'html': 'x', 'next': {'task': 'email', 'options': {'priority': 'high'}}}|priority",
        "sendInvoice|{'to': 'a@b.example', 'number': '1'}|lines has to have"
      })
  void aPayloadThatMakesNoSenseFailsItsJobForGood(String task, String payload, String reason)
      throws InterruptedException {
    var job = failed(task, payload.replace('\'', '"'));

    assertThat(job.isDead()).isTrue();
    assertThat(job.lastError()).contains(reason);
    assertThat(mail.getReceivedMessages()).isEmpty();
  }

  @Test
  void aKeyIsSentOnce() throws InterruptedException {
    var payload = "{\"to\": \"a@example.com\", \"text\": \"t\", \"key\": \"welcome-7\"}";
    // At the same time: what does not send it either finds it sent, or tries again later.
    for (var i = 0; i < 5; i++) {
      add("email", payload);
    }
    tasks.runOnce();
    add("email", payload);

    assertThat(tasks.runOnce().failed()).isZero();
    assertThat(mail.getReceivedMessages()).hasSize(1);
  }

  @Test
  void whatTheServerRefusesForGoodIsNotTriedAgainAndForNowIs() throws Exception {
    try (var server = new RefusingServer()) {
      open("127.0.0.1", server.port());
      server.answerTo("RCPT", "550 no such user here");
      var forGood = failed("email", "{\"to\": \"a@example.com\", \"text\": \"t\"}");
      assertThat(forGood.isDead()).isTrue();
      assertThat(forGood.lastError()).contains("550 no such user here");

      server.answerTo("RCPT", "450 try later");
      var forNow = failed("email", "{\"to\": \"a@example.com\", \"text\": \"t\"}");
      assertThat(forNow.isDead()).isFalse();
      assertThat(forNow.attempts()).isEqualTo(1);
      assertThat(forNow.lastError()).doesNotContain(PASSWORD);

      server.answerTo("DATA", "554 looks like spam");
      var refused = failed("email", "{\"to\": \"a@example.com\", \"text\": \"t\"}");
      assertThat(refused.isDead()).isTrue();
    }
  }

  @Test
  void aServerThatIsAwayIsTriedAgainAndThePasswordIsNowhere() throws Exception {
    int port;
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    open("127.0.0.1", port);

    var job = failed("email", "{\"to\": \"a@example.com\", \"text\": \"t\"}");

    assertThat(job.isDead()).isFalse();
    assertThat(job.lastError()).contains("127.0.0.1").doesNotContain(PASSWORD);
  }

  @Test
  void filesAreDeletedWhenTheirTimeIsOver() throws InterruptedException {
    var database = (Database) closing.getFirst();
    var gone = new JobFiles(database, Duration.ofSeconds(-1)).store("a", "a/b", new byte[1]);
    var kept = files.store("b", "a/b", new byte[1]);
    assertThat(files.find(gone)).isEmpty();
    assertThat(files.content(gone)).isEmpty();

    add("cleanJobFiles", "{}");
    assertThat(tasks.runOnce().completed()).isEqualTo(1);

    assertThat(files.find(kept)).isPresent();
    List<UUID> left =
        database.with(
            h -> h.createQuery("SELECT id FROM millrace.job_file").mapTo(UUID.class).list());
    assertThat(left).containsExactly(kept);
  }
}
