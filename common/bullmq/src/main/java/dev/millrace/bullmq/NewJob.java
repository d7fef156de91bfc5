package dev.millrace.bullmq;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A job to be added.
 *
 * @param name what kind of job it is
 * @param dataJson its data, JSON text that is stored as it is
 */
public record NewJob(String name, String dataJson, JobOptions options) {
  private static final int MAX_PRIORITY = 2_097_151;

  /**
   * Checks what Node's client checks before it adds a job, with the same messages.
   *
   * @throws IllegalArgumentException when the job must not be added
   */
  void validate() {
    checkSize();
    checkFailurePolicy();
    checkId();
    var priority = options.priorityOrZero();
    if (priority < 0 || priority > MAX_PRIORITY) {
      throw new IllegalArgumentException("Priority should be between 0 and " + MAX_PRIORITY);
    }
    if (options.delayOrZero() < 0) {
      throw new IllegalArgumentException("Delay must not be negative");
    }
    if (options.deduplication() != null && options.parent() != null) {
      throw new IllegalArgumentException(
          "Deduplication and parent options cannot be used together");
    }
  }

  private void checkSize() {
    var limit = options.sizeLimit();
    if (limit != null && dataJson.getBytes(StandardCharsets.UTF_8).length > limit) {
      throw new IllegalArgumentException(
          "The size of job %s exceeds the limit %d bytes".formatted(name, limit));
    }
  }

  private void checkFailurePolicy() {
    var set = new ArrayList<String>();
    addIf(set, options.removeDependencyOnFailure(), "removeDependencyOnFailure");
    addIf(set, options.failParentOnFailure(), "failParentOnFailure");
    addIf(set, options.continueParentOnFailure(), "continueParentOnFailure");
    addIf(set, options.ignoreDependencyOnFailure(), "ignoreDependencyOnFailure");
    if (set.size() > 1) {
      throw new IllegalArgumentException(
          "The following options cannot be used together: " + String.join(", ", set));
    }
  }

  private static void addIf(ArrayList<String> to, @Nullable Boolean set, String name) {
    if (Boolean.TRUE.equals(set)) {
      to.add(name);
    }
  }

  private void checkId() {
    var id = options.jobId();
    if (id == null || id.isEmpty()) {
      return;
    }
    if (id.equals("0") || id.startsWith("0:")) {
      throw new IllegalArgumentException("JobId cannot be '0' or start with '0:'");
    }
    if (Keys.isOwn(id)) {
      throw new IllegalArgumentException(
          "Custom Id cannot be " + id + ", which is a key of the queue itself");
    }
    if (id.matches("-?[1-9][0-9]{0,15}")) {
      throw new IllegalArgumentException("Custom Id cannot be integers");
    }
    // Three parts are what the ids of old repeatable jobs look like.
    if (id.indexOf(':') >= 0 && id.split(":", -1).length != 3) {
      throw new IllegalArgumentException("Custom Id cannot contain :");
    }
  }
}
