package dev.millrace.platform.jobs;

import dev.millrace.flows.net.GuardedHttp;
import dev.millrace.pgjobs.JobRunner;
import dev.millrace.pgjobs.PgJobs;
import dev.millrace.pgjobs.RunSummary;
import dev.millrace.pgjobs.RunnerListener;
import dev.millrace.pgjobs.RunnerOptions;
import dev.millrace.pgjobs.SchemaVersionException;
import dev.millrace.pgjobs.Tasks;
import dev.millrace.pgjobs.cron.CronItem;
import dev.millrace.pgjobs.cron.Crontab;
import dev.millrace.pgjobs.telemetry.MicrometerMeters;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.health.Health;
import dev.millrace.platform.process.Shutdown;
import dev.millrace.platform.settings.Settings;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does background jobs in this process (service key {@code async-task:process}): finds the tasks,
 * the programs and the crontab, and runs them. Closing it stops gracefully: nothing stays locked.
 */
public final class BackgroundTasks implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BackgroundTasks.class);

  /** To listen, to claim, to store, for signs of life and for cron. */
  private static final int OWN_CONNECTIONS = 5;

  private static final int MOST_TASK_CONNECTIONS = 10;

  /** What {@link #cleaning} adds. */
  public static final String CLEAN_FILES = "cleanJobFiles";

  private final Settings settings;
  private final BackgroundJobs jobs;
  private final GuardedHttp http;
  private final Tasks tasks;
  private final RunnerListener listener;
  private final AtomicReference<@Nullable JobRunner> running = new AtomicReference<>();

  private BackgroundTasks(
      Settings settings,
      BackgroundJobs jobs,
      GuardedHttp http,
      Tasks tasks,
      RunnerListener listener) {
    this.settings = settings;
    this.jobs = jobs;
    this.http = http;
    this.tasks = tasks;
    this.listener = listener;
  }

  /**
   * Finds the tasks and begins to do jobs, until {@code shutdown}.
   *
   * @param database migrated
   * @param registry where the meters go
   * @param health says when jobs are not done any more
   */
  public static void start(
      Settings settings,
      Database database,
      MeterRegistry registry,
      Shutdown shutdown,
      Health.Builder health) {
    var meters = new MicrometerMeters(registry);
    var tasks = shutdown.add("background tasks", open(settings, database, meters));
    tasks.start(health);
    meters.watch(tasks.jobs.untouched());
  }

  /**
   * Finds the tasks; nothing runs yet.
   *
   * @param database where the jobs are, migrated, for what tasks keep there
   * @param listener hears what the runner does
   */
  public static BackgroundTasks open(
      Settings settings, Database database, RunnerListener listener) {
    var own = settings.jobs();
    var connections = OWN_CONNECTIONS + Math.min(own.concurrency(), MOST_TASK_CONNECTIONS);
    var outbound = settings.outbound();
    var http = new GuardedHttp(outbound.policy(List.of()), outbound.limits());
    var environment =
        new TaskEnvironment(
            settings,
            new JobFiles(database, own.fileRetention()),
            new SentMails(database, own.fileRetention()),
            http);
    return new BackgroundTasks(
        settings,
        BackgroundJobs.open(own, database.endpoint(), "millrace-jobs", connections),
        http,
        tasks(environment),
        listener);
  }

  private static Tasks tasks(TaskEnvironment environment) {
    var builder = Tasks.builder();
    for (var task : ServiceLoader.load(BackgroundTask.class)) {
      var timeout = task.timeout();
      if (timeout == null) {
        builder.add(task.name(), task.open(environment));
      } else {
        builder.add(task.name(), task.open(environment), timeout);
      }
    }
    var folder = environment.settings().jobs().taskFolder();
    if (Files.isDirectory(folder)) {
      builder.addExecutables(folder);
    }
    return builder.build();
  }

  /** Returns the tasks that were found. */
  public Tasks tasks() {
    return tasks;
  }

  /** Returns the jobs. */
  public PgJobs jobs() {
    return jobs.jobs();
  }

  /**
   * Begins to do jobs. When the schema is of another version, or becomes one, this process goes on
   * without them and its health says so.
   *
   * @throws dev.millrace.pgjobs.PgJobsException when PostgreSQL is away or refuses
   */
  public void start(Health.Builder health) {
    var broken = new AtomicReference<@Nullable String>();
    health.check("background jobs", () -> Optional.ofNullable(broken.get()));
    JobRunner runner;
    try {
      runner = JobRunner.start(jobs.jobs(), tasks, options().cron(cron()).build());
    } catch (SchemaVersionException e) {
      LOG.error("background jobs are not done here: {}", e.getMessage());
      broken.set("background jobs are not done here: " + e.getMessage());
      return;
    }
    running.set(runner);
    var _ =
        runner
            .whenStopped()
            .whenComplete((_, error) -> {
              if (error != null) {
                LOG.error("background jobs are not done here any more: {}", error.getMessage());
                broken.set("background jobs have stopped: " + error.getMessage());
              }
            });
    LOG.info(
        "background jobs of schema {} are done here, {} at a time: {}",
        settings.jobs().schema(),
        settings.jobs().concurrency(),
        String.join(", ", tasks.names().stream().sorted().toList()));
  }

  /**
   * Does what can be done now and returns.
   *
   * @throws dev.millrace.pgjobs.PgJobsException when PostgreSQL is away or refuses
   */
  public RunSummary runOnce() throws InterruptedException {
    return JobRunner.runOnce(jobs.jobs(), tasks, options().build());
  }

  private RunnerOptions.Builder options() {
    return RunnerOptions.builder()
        .concurrency(settings.jobs().concurrency())
        .pollInterval(settings.jobs().pollInterval())
        .jobTimeout(settings.jobs().timeout())
        .listener(listener);
  }

  private List<CronItem> cron() {
    var crontab = Crontab.read(settings.jobs().crontab());
    crontab.problems().forEach(problem -> LOG.error("{}: {}", settings.jobs().crontab(), problem));
    var items = new ArrayList<>(crontab.items());
    for (var item : items) {
      if (!tasks.names().contains(item.task())) {
        LOG.warn("the crontab wants task {}, which this worker does not know", item.task());
      }
    }
    if (tasks.names().contains(CLEAN_FILES)) {
      items.add(cleaning());
    }
    return items;
  }

  private static CronItem cleaning() {
    return CronItem.of("23 * * * *", CLEAN_FILES).withJobKey(CLEAN_FILES, false);
  }

  @Override
  public void close() {
    var runner = running.getAndSet(null);
    if (runner != null) {
      runner.stop(settings.queue().shutdownTimeout());
    }
    jobs.close();
    http.close();
  }
}
