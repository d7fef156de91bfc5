package dev.millrace.platform.tasks;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A background task of a user, as it is now.
 *
 * @param request what was asked for
 * @param state how far it is
 * @param result what came of it; null before its end. Of one that failed {@code {message}}
 * @param current how much is done, of {@code total}; both 0 when it does not say
 * @param attempt how often it was begun
 * @param hasFile whether it made a file
 * @param started null before it began
 * @param done null before its end
 */
public record Task(
    UUID id,
    Request request,
    TaskState state,
    @Nullable JsonNode result,
    double current,
    double total,
    int attempt,
    boolean hasFile,
    Instant created,
    @Nullable Instant started,
    @Nullable Instant done) {

  /**
   * What is asked for.
   *
   * @param type the name of a {@link TaskType}
   * @param title for people
   * @param params for the type; empty in a task that is only looked at
   * @param workspace in which it works
   * @param createdBy the API key that asked; only its holder sees the task
   * @param requestId of the request that asked, for logs
   * @param cancelable whether it may be stopped
   */
  public record Request(
      String type,
      String title,
      ObjectNode params,
      String workspace,
      String createdBy,
      String requestId,
      boolean cancelable) {}

  /**
   * A file that a task made.
   *
   * @param type its media type
   */
  public record File(String name, String type, byte[] content) {}
}
