package dev.millrace.pgjobs;

import java.time.Duration;

/** Stops a runner when the JVM ends. */
final class ShutdownHook {
  private ShutdownHook() {}

  static void register(JobRunner runner, Duration limit) {
    var hook = Thread.ofPlatform().name("pgjobs-shutdown").unstarted(() -> runner.stop(limit));
    Runtime.getRuntime().addShutdownHook(hook);
    var _ =
        runner
            .whenStopped()
            .whenComplete((_, _) -> {
              try {
                Runtime.getRuntime().removeShutdownHook(hook);
              } catch (IllegalStateException e) {
                // The JVM is ending already: that is what stopped it.
              }
            });
  }
}
