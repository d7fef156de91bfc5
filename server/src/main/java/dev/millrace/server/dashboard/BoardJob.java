package dev.millrace.server.dashboard;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A job as the dashboard shows it. Times are ms since 1970. Texts of JSON may be anything that
 * somebody stored: what is no JSON is shown as text.
 *
 * @param progress JSON text
 * @param attempts attempts that ended
 * @param stacktrace the newest first
 * @param delay ms as last asked for
 * @param options JSON text of an object
 * @param data JSON text; null if it was left out
 * @param returnValue JSON text; null if there is none, or it was left out
 * @param diagnostics what is only shown if it is remarkable
 * @param omittedData how many bytes of data were left out; 0 if none were
 * @param omittedResult the same of the return value
 */
public record BoardJob(
    String id,
    String name,
    long timestamp,
    @Nullable Long processedOn,
    @Nullable String processedBy,
    @Nullable Long finishedOn,
    String progress,
    long attempts,
    @Nullable String failedReason,
    List<String> stacktrace,
    long delay,
    String options,
    @Nullable String data,
    @Nullable String returnValue,
    Diagnostics diagnostics,
    long omittedData,
    long omittedResult) {
  public BoardJob {
    stacktrace = List.copyOf(stacktrace);
  }

  /**
   * What is only shown if it is remarkable.
   *
   * @param priority 0 if it has none
   * @param attemptsStarted attempts that began
   * @param stalled how often it was taken from a worker that had gone silent
   */
  public record Diagnostics(
      long priority,
      long attemptsStarted,
      long stalled,
      @Nullable String deduplicationId,
      @Nullable String deferredFailure) {
    /** Nothing is remarkable. */
    public static final Diagnostics NONE = new Diagnostics(0, 0, 0, null, null);
  }
}
