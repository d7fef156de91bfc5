package dev.millrace.bullmq;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The options of a worker. Start with {@link #builder}.
 *
 * @param prefix what the queue's keys begin with
 * @param name how the worker calls itself in jobs and in {@code CLIENT LIST}; may be empty
 * @param concurrency how many jobs it runs at once, 1 to 100,000
 * @param lockDuration how long a job stays the worker's without a sign of life
 * @param lockRenewTime how old a lock gets before it is renewed
 * @param stalledInterval how often the worker looks for jobs whose worker went silent
 * @param maxStalledCount how often a job may be lost before it fails
 * @param drainDelay how long an idle worker waits for a sign of work before it looks by itself
 * @param removeOnComplete what happens to completed jobs that do not say
 * @param removeOnFail what happens to failed jobs that do not say
 * @param maxStartedAttempts how many attempts of a job may begin, those that were lost among them,
 *     before it fails; null does not limit
 * @param maximumRateLimitDelay how long the worker sleeps at most while the rate limit forbids to
 *     start jobs, so that delayed jobs become ready meanwhile
 * @param runRetryDelay how long to wait after an error of Redis; a connection that is back ends the
 *     wait (which is why this is shorter than Node's 15 s)
 * @param skipStalledCheck whether looking for lost jobs is left to other workers
 * @param skipLockRenewal whether locks are not renewed, so that {@code lockDuration} limits a job
 * @param autorun whether the worker starts by itself; if not, {@link Worker#run} does
 * @param metrics for how many minutes finished jobs are counted; null does not count
 * @param limiter how many jobs may start in a time, or null
 * @param backoffStrategy computes delays of backoff types that BullMQ does not have, or null
 * @param compat which clients share the queue
 * @param eagerFail whether workers before 5.53.2 share the queue (Flowise does), which do not
 *     understand deferred failures
 */
public record WorkerOptions(
    String prefix,
    String name,
    int concurrency,
    Duration lockDuration,
    Duration lockRenewTime,
    Duration stalledInterval,
    int maxStalledCount,
    Duration drainDelay,
    @Nullable KeepJobs removeOnComplete,
    @Nullable KeepJobs removeOnFail,
    @Nullable Integer maxStartedAttempts,
    Duration maximumRateLimitDelay,
    Duration runRetryDelay,
    boolean skipStalledCheck,
    boolean skipLockRenewal,
    boolean autorun,
    @Nullable Integer metrics,
    @Nullable RateLimit limiter,
    @Nullable BackoffStrategy backoffStrategy,
    Compat compat,
    boolean eagerFail,
    WorkerListener listener) {
  private static final int MAX_CONCURRENCY = 100_000;

  public static final WorkerOptions DEFAULT = builder().build();

  public WorkerOptions {
    requireConcurrency(concurrency);
    requirePositive("drainDelay", drainDelay);
    requirePositive("lockDuration", lockDuration);
    requirePositive("lockRenewTime", lockRenewTime);
    requirePositive("stalledInterval", stalledInterval);
    if (maxStalledCount < 0) {
      throw new IllegalArgumentException("maxStalledCount must be greater or equal than 0");
    }
    if (maxStartedAttempts != null && maxStartedAttempts < 0) {
      throw new IllegalArgumentException("maxStartedAttempts must be greater or equal than 0");
    }
    if (metrics != null && metrics < 1) {
      throw new IllegalArgumentException("metrics must have at least 1 point but has " + metrics);
    }
    requirePositive("maximumRateLimitDelay", maximumRateLimitDelay);
    requirePositive("runRetryDelay", runRetryDelay);
  }

  /**
   * How many jobs may start per window, counted over all workers of the queue.
   *
   * @param max jobs
   * @param duration the window
   */
  public record RateLimit(long max, Duration duration) {
    public RateLimit {
      if (max < 1) {
        throw new IllegalArgumentException("limiter.max must be at least 1 but is " + max);
      }
      requirePositive("limiter.duration", duration);
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  static void requireConcurrency(int concurrency) {
    if (concurrency < 1 || concurrency > MAX_CONCURRENCY) {
      throw new IllegalArgumentException(
          "concurrency must be a finite number greater than 0 and at most %d but is %d"
              .formatted(MAX_CONCURRENCY, concurrency));
    }
  }

  private static void requirePositive(String name, Duration value) {
    if (value.toMillis() <= 0) {
      throw new IllegalArgumentException(name + " must be greater than 0");
    }
  }

  /** Collects options, beginning with BullMQ's defaults; not thread-safe. */
  public static final class Builder {
    private String prefix = "bull";
    private String name = "";
    private int concurrency = 1;
    private Duration lockDuration = Duration.ofSeconds(30);
    private @Nullable Duration lockRenewTime;
    private Duration stalledInterval = Duration.ofSeconds(30);
    private int maxStalledCount = 1;
    private Duration drainDelay = Duration.ofSeconds(5);
    private @Nullable KeepJobs removeOnComplete;
    private @Nullable KeepJobs removeOnFail;
    private @Nullable Integer maxStartedAttempts;
    private Duration maximumRateLimitDelay = Duration.ofSeconds(30);
    private Duration runRetryDelay = Duration.ofSeconds(1);
    private boolean skipStalledCheck;
    private boolean skipLockRenewal;
    private boolean autorun = true;
    private @Nullable Integer metrics;
    private @Nullable RateLimit limiter;
    private @Nullable BackoffStrategy backoffStrategy;
    private Compat compat = Compat.V6;
    private boolean eagerFail;
    private WorkerListener listener = WorkerListener.NONE;

    private Builder() {}

    public Builder prefix(String value) {
      prefix = value;
      return this;
    }

    public Builder name(String value) {
      name = value;
      return this;
    }

    public Builder concurrency(int value) {
      concurrency = value;
      return this;
    }

    public Builder lockDuration(Duration value) {
      lockDuration = value;
      return this;
    }

    /** Half of the lock's duration if it is not set. */
    public Builder lockRenewTime(Duration value) {
      lockRenewTime = value;
      return this;
    }

    public Builder stalledInterval(Duration value) {
      stalledInterval = value;
      return this;
    }

    public Builder maxStalledCount(int value) {
      maxStalledCount = value;
      return this;
    }

    public Builder drainDelay(Duration value) {
      drainDelay = value;
      return this;
    }

    public Builder removeOnComplete(@Nullable KeepJobs value) {
      removeOnComplete = value;
      return this;
    }

    public Builder removeOnFail(@Nullable KeepJobs value) {
      removeOnFail = value;
      return this;
    }

    public Builder maxStartedAttempts(@Nullable Integer value) {
      maxStartedAttempts = value;
      return this;
    }

    public Builder maximumRateLimitDelay(Duration value) {
      maximumRateLimitDelay = value;
      return this;
    }

    public Builder runRetryDelay(Duration value) {
      runRetryDelay = value;
      return this;
    }

    public Builder skipStalledCheck(boolean value) {
      skipStalledCheck = value;
      return this;
    }

    public Builder skipLockRenewal(boolean value) {
      skipLockRenewal = value;
      return this;
    }

    public Builder autorun(boolean value) {
      autorun = value;
      return this;
    }

    /** Counts finished jobs, for so many minutes: two weeks are 20160. */
    public Builder metrics(@Nullable Integer value) {
      metrics = value;
      return this;
    }

    public Builder limiter(@Nullable RateLimit value) {
      limiter = value;
      return this;
    }

    public Builder backoffStrategy(@Nullable BackoffStrategy value) {
      backoffStrategy = value;
      return this;
    }

    public Builder compat(Compat value) {
      compat = value;
      return this;
    }

    public Builder eagerFail(boolean value) {
      eagerFail = value;
      return this;
    }

    public Builder listener(WorkerListener value) {
      listener = value;
      return this;
    }

    public WorkerOptions build() {
      return new WorkerOptions(
          prefix,
          name,
          concurrency,
          lockDuration,
          lockRenewTime != null ? lockRenewTime : lockDuration.dividedBy(2),
          stalledInterval,
          maxStalledCount,
          drainDelay,
          removeOnComplete,
          removeOnFail,
          maxStartedAttempts,
          maximumRateLimitDelay,
          runRetryDelay,
          skipStalledCheck,
          skipLockRenewal,
          autorun,
          metrics,
          limiter,
          backoffStrategy,
          compat,
          eagerFail,
          listener);
    }
  }
}
