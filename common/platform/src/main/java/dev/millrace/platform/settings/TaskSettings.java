package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.withDefault;

import java.time.Duration;
import java.util.List;

/**
 * Background tasks of users.
 *
 * @param concurrency how many one node runs at once; 0 runs none
 * @param retention how long a task that ended can be seen
 */
public record TaskSettings(int concurrency, Duration retention) {
  private static final Variable<Integer> ASYNC_TASK_MAX_CONCURRENCY =
      withDefault(
          "ASYNC_TASK_MAX_CONCURRENCY",
          Syntax.integer(0, 1000),
          "3",
          "Background tasks that one node runs at the same time; 0 runs none");
  private static final Variable<Duration> ASYNC_TASK_RETENTION =
      withDefault(
          "ASYNC_TASK_RETENTION",
          Syntax.duration("s", Duration.ofSeconds(1)),
          "86400",
          "Time for which a background task that ended, and its file, can be fetched, in seconds");

  static final List<Variable<?>> VARIABLES =
      List.of(ASYNC_TASK_MAX_CONCURRENCY, ASYNC_TASK_RETENTION);

  static TaskSettings read(Values values) {
    return new TaskSettings(
        values.get(ASYNC_TASK_MAX_CONCURRENCY), values.get(ASYNC_TASK_RETENTION));
  }
}
