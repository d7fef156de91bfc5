package dev.millrace.pgjobs;

import dev.millrace.pgjobs.cron.CronItem;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The options of a runner. Start with {@link #builder}.
 *
 * @param concurrency how many jobs run at once, 1 to 10,000
 * @param pollInterval how often an idle runner looks by itself, for jobs whose time has come and as
 *     a net below notifications
 * @param jobTimeout how long a job may take before it is aborted
 * @param abortGrace how long an aborted task has to end before its job fails without it
 * @param heartbeat how often the runner gives a sign of life
 * @param lease how long it is believed to be alive after the last one; then others free its jobs
 * @param sweepInterval about how often jobs are looked for that have been locked for four hours
 * @param localQueue jobs fetched ahead, or null to fetch as many as can begin
 * @param forbiddenFlags asked before each fetch: jobs with one of these are left for others
 * @param cron what is added when it is due
 * @param clock replaces PostgreSQL's for what is due, or null
 * @param stopOnShutdown how long the end of the JVM waits for running jobs, or null not to wait
 * @param transactionPooling whether a pooler stands between that gives a server connection to a
 *     transaction at a time (PgBouncer): then nothing is listened for and no session is set up
 * @param payloadBudget how many bytes the large payloads of running jobs may have together; a
 *     larger one fails its job
 */
public record RunnerOptions(
    int concurrency,
    Duration pollInterval,
    Duration jobTimeout,
    Duration abortGrace,
    Duration heartbeat,
    Duration lease,
    Duration sweepInterval,
    @Nullable LocalQueue localQueue,
    Supplier<Set<String>> forbiddenFlags,
    List<CronItem> cron,
    @Nullable InstantSource clock,
    @Nullable Duration stopOnShutdown,
    boolean transactionPooling,
    long payloadBudget,
    RunnerListener listener) {
  private static final int MAX_CONCURRENCY = 10_000;

  /** One job at a time, and graphile-worker's other settings. */
  public static final RunnerOptions DEFAULT = builder().build();

  public RunnerOptions {
    if (concurrency < 1 || concurrency > MAX_CONCURRENCY) {
      throw new IllegalArgumentException(
          "concurrency must be 1 to %d, not %d".formatted(MAX_CONCURRENCY, concurrency));
    }
    requirePositive("pollInterval", pollInterval);
    requirePositive("jobTimeout", jobTimeout);
    requirePositive("abortGrace", abortGrace);
    requirePositive("heartbeat", heartbeat);
    requirePositive("sweepInterval", sweepInterval);
    if (lease.compareTo(heartbeat.multipliedBy(2)) < 0) {
      throw new IllegalArgumentException(
          "lease must be two heartbeats at least (%s), not %s"
              .formatted(heartbeat.multipliedBy(2), lease));
    }
    if (localQueue != null && localQueue.size() < concurrency) {
      throw new IllegalArgumentException(
          "the local queue's size must be the concurrency (%d) at least, not %d"
              .formatted(concurrency, localQueue.size()));
    }
    if (payloadBudget < 1) {
      throw new IllegalArgumentException("payloadBudget must be positive");
    }
    cron = List.copyOf(cron);
  }

  private static void requirePositive(String name, Duration value) {
    if (value.toMillis() <= 0) {
      throw new IllegalArgumentException(name + " must be a millisecond at least");
    }
  }

  /** Collects options; not thread-safe. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects options; not thread-safe. */
  public static final class Builder {
    private int concurrency = 1;
    private Duration pollInterval = Duration.ofSeconds(2);
    private Duration jobTimeout = Duration.ofHours(4);
    private Duration abortGrace = Duration.ofSeconds(5);
    private Duration heartbeat = Duration.ofSeconds(2);
    private Duration lease = Duration.ofSeconds(15);
    private Duration sweepInterval = Duration.ofMinutes(9);
    private @Nullable LocalQueue localQueue;
    private Supplier<Set<String>> forbiddenFlags = Set::of;
    private List<CronItem> cron = List.of();
    private @Nullable InstantSource clock;
    private @Nullable Duration stopOnShutdown;
    private boolean transactionPooling;
    private long payloadBudget = Runtime.getRuntime().maxMemory() / 8;
    private RunnerListener listener = RunnerListener.NONE;

    private Builder() {}

    public Builder concurrency(int value) {
      concurrency = value;
      return this;
    }

    public Builder pollInterval(Duration value) {
      pollInterval = value;
      return this;
    }

    public Builder jobTimeout(Duration value) {
      jobTimeout = value;
      return this;
    }

    public Builder abortGrace(Duration value) {
      abortGrace = value;
      return this;
    }

    /** Sets both: how often, and after how long without it others take over. */
    public Builder heartbeat(Duration interval, Duration leaseTime) {
      heartbeat = interval;
      lease = leaseTime;
      return this;
    }

    public Builder sweepInterval(Duration value) {
      sweepInterval = value;
      return this;
    }

    public Builder localQueue(@Nullable LocalQueue value) {
      localQueue = value;
      return this;
    }

    /** Leaves jobs with one of these flags for others. */
    public Builder forbiddenFlags(String... values) {
      var flags = Set.of(values);
      return forbiddenFlags(() -> flags);
    }

    public Builder forbiddenFlags(Supplier<Set<String>> value) {
      forbiddenFlags = value;
      return this;
    }

    public Builder cron(Collection<CronItem> value) {
      cron = List.copyOf(value);
      return this;
    }

    public Builder clock(@Nullable InstantSource value) {
      clock = value;
      return this;
    }

    /** Stops gracefully when the JVM ends by SIGTERM, SIGINT or {@code System.exit}. */
    public Builder stopOnShutdown(@Nullable Duration limit) {
      stopOnShutdown = limit;
      return this;
    }

    public Builder transactionPooling(boolean value) {
      transactionPooling = value;
      return this;
    }

    public Builder payloadBudget(long bytes) {
      payloadBudget = bytes;
      return this;
    }

    public Builder listener(RunnerListener value) {
      listener = value;
      return this;
    }

    public RunnerOptions build() {
      return new RunnerOptions(
          concurrency,
          pollInterval,
          jobTimeout,
          abortGrace,
          heartbeat,
          lease,
          sweepInterval,
          localQueue,
          forbiddenFlags,
          cron,
          clock,
          stopOnShutdown,
          transactionPooling,
          payloadBudget,
          listener);
    }
  }
}
