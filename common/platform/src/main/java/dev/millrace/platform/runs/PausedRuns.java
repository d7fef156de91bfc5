package dev.millrace.platform.runs;

import dev.millrace.flows.engine.Past;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Finds the runs that wait for humans. Thread-safe, may block. */
@FunctionalInterface
public interface PausedRuns {
  /**
   * What a human answered, as it came in.
   *
   * @param job the id of the run that the request asked for; the same when its job is taken over
   * @param answerId the id under which the answer to it is stored; as stable
   * @param flowId whose run
   * @param sessionId in which conversation
   * @param humanInput {@code {type, startNodeId?, feedback?}}: the node that asked, or the id of
   *     its action; without either the question that was asked last
   */
  record Answer(UUID job, UUID answerId, String flowId, String sessionId, ObjectNode humanInput) {
    @Nullable String startNodeId() {
      var id = humanInput.path("startNodeId").asString("");
      return id.isEmpty() ? null : id;
    }
  }

  /**
   * A run that goes on.
   *
   * @param runId its execution
   * @param input the body of its first request
   * @param past what it has behind it
   */
  record Resumed(UUID runId, ObjectNode input, Past past) {}

  /**
   * Takes the run that an answer is for, so that no other answer can go on with it: the newest one
   * of the session that has such a question open. For a job that is taken over it is the same one
   * again.
   *
   * @return nothing when no run of the session asks that
   */
  Optional<Resumed> resume(Answer answer);
}
