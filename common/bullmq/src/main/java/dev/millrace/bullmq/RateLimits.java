package dev.millrace.bullmq;

import java.time.Duration;
import java.util.function.LongConsumer;

/** The rate limit that a processor imposes by hand, e.g. since a service answered "too many". */
final class RateLimits {
  private final Scripts scripts;
  private final LongConsumer limitUntil;

  /**
   * @param limitUntil keeps this worker from taking jobs until then, ms since 1970
   */
  RateLimits(Scripts scripts, LongConsumer limitUntil) {
    this.scripts = scripts;
    this.limitUntil = limitUntil;
  }

  /** Lets no worker that has a limit start jobs for a time. */
  void limit(Duration duration) {
    new QueueSettings(scripts).rateLimit(duration);
  }

  /** This worker's processor met the limit: the worker waits, also if it has none of its own. */
  void met() {
    long left = scripts.commands().call("rate limit", c -> c.pttl(scripts.keys().key("limiter")));
    if (left > 0) {
      limitUntil.accept(scripts.now() + left);
    }
  }
}
