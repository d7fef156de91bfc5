package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.optional;
import static dev.millrace.platform.settings.Variable.withDefault;

import dev.millrace.pgjobs.Compatibility;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Background jobs in PostgreSQL.
 *
 * @param schema where they are
 * @param compatibility with which versions of graphile-worker the schema is shared
 * @param concurrency jobs that one process does at the same time
 * @param pollInterval how often an idle process looks for what has become due
 * @param timeout how long one job may take
 * @param taskFolder programs that are tasks; need not exist
 * @param templateFolder templates of mails and documents; need not exist
 * @param crontab need not exist
 * @param pdfRenderer what makes PDF of HTML when a job does not say
 * @param chromium the program; null to look for one
 * @param fileRetention how long files that jobs made are kept
 */
public record JobSettings(
    String schema,
    Compatibility compatibility,
    int concurrency,
    Duration pollInterval,
    Duration timeout,
    Path taskFolder,
    Path templateFolder,
    Path crontab,
    PdfRenderer pdfRenderer,
    @Nullable Path chromium,
    Duration fileRetention) {
  /** What makes PDF of HTML. */
  public enum PdfRenderer {
    /** openhtmltopdf, in this process: CSS 2.1 and paged media, no scripts. */
    BUILTIN,
    /** A headless Chromium, as puppeteer has it. */
    CHROMIUM
  }

  private static final Variable<String> GRAPHILE_WORKER_SCHEMA =
      withDefault(
          "GRAPHILE_WORKER_SCHEMA",
          Syntax.text("a name"),
          "graphile_worker",
          "Schema of the background jobs, made when it is missing");
  private static final Variable<Compatibility> JOBS_COMPATIBILITY =
      withDefault(
          "JOBS_COMPATIBILITY",
          Syntax.oneOf(
              Map.of(
                  "0.16",
                  Compatibility.V0_16,
                  "0.17",
                  Compatibility.V0_17,
                  "0.18",
                  Compatibility.V0_18)),
          "0.18",
          "The oldest graphile-worker of Node that shares the schema");
  private static final Variable<Integer> JOBS_CONCURRENCY =
      withDefault(
          "JOBS_CONCURRENCY",
          Syntax.integer(1, 1_000),
          "10",
          "Background jobs that one process does at the same time");
  private static final Variable<Duration> JOBS_POLL_INTERVAL =
      withDefault(
          "JOBS_POLL_INTERVAL",
          Syntax.duration("ms", Duration.ofMillis(10)),
          "2000",
          "How often an idle process looks for jobs that have become due, in milliseconds");
  private static final Variable<Duration> JOBS_TIMEOUT =
      withDefault(
          "JOBS_TIMEOUT",
          Syntax.duration("s", Duration.ofSeconds(1)),
          "14400",
          "How long one background job may take, in seconds");
  private static final Variable<String> JOBS_TASK_FOLDER =
      optional(
          "JOBS_TASK_FOLDER",
          Syntax.folder(),
          "tasks in MILLRACE_HOME",
          "Folder of programs that are tasks, named by their paths without extension");
  private static final Variable<String> JOBS_TEMPLATE_FOLDER =
      optional(
          "JOBS_TEMPLATE_FOLDER",
          Syntax.folder(),
          "templates in MILLRACE_HOME",
          "Folder of Mustache templates (NAME.html, NAME.txt) of mails and documents");
  private static final Variable<String> JOBS_CRONTAB =
      optional(
          "JOBS_CRONTAB",
          Syntax.text("a file"),
          "crontab in MILLRACE_HOME",
          "File of jobs that come regularly");
  private static final Variable<PdfRenderer> PDF_RENDERER =
      withDefault(
          "PDF_RENDERER",
          Syntax.oneOf(Map.of("builtin", PdfRenderer.BUILTIN, "chromium", PdfRenderer.CHROMIUM)),
          "builtin",
          "builtin: openhtmltopdf, without scripts; chromium: a headless browser, which has to be"
              + " installed");
  private static final Variable<String> CHROMIUM_PATH =
      optional(
          "CHROMIUM_PATH",
          Syntax.text("a program"),
          "chromium, chromium-browser or google-chrome on the PATH",
          "The browser that makes PDF");
  private static final Variable<Duration> JOBS_FILE_RETENTION =
      withDefault(
          "JOBS_FILE_RETENTION",
          Syntax.duration("s", Duration.ofMinutes(1)),
          "604800",
          "How long files that background jobs made are kept, in seconds");

  static final List<Variable<?>> VARIABLES =
      List.of(
          GRAPHILE_WORKER_SCHEMA,
          JOBS_COMPATIBILITY,
          JOBS_CONCURRENCY,
          JOBS_POLL_INTERVAL,
          JOBS_TIMEOUT,
          JOBS_TASK_FOLDER,
          JOBS_TEMPLATE_FOLDER,
          JOBS_CRONTAB,
          PDF_RENDERER,
          CHROMIUM_PATH,
          JOBS_FILE_RETENTION);

  static JobSettings read(Values values, Path home) {
    return new JobSettings(
        values.get(GRAPHILE_WORKER_SCHEMA),
        values.get(JOBS_COMPATIBILITY),
        values.get(JOBS_CONCURRENCY),
        values.get(JOBS_POLL_INTERVAL),
        values.get(JOBS_TIMEOUT),
        Objects.requireNonNullElse(values.findPath(JOBS_TASK_FOLDER), home.resolve("tasks")),
        Objects.requireNonNullElse(
            values.findPath(JOBS_TEMPLATE_FOLDER), home.resolve("templates")),
        Objects.requireNonNullElse(values.findPath(JOBS_CRONTAB), home.resolve("crontab")),
        values.get(PDF_RENDERER),
        values.findPath(CHROMIUM_PATH),
        values.get(JOBS_FILE_RETENTION));
  }
}
