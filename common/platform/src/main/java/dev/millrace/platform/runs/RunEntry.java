package dev.millrace.platform.runs;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A write on behalf of a run, rendered to text so that the writing thread only sends it. */
sealed interface RunEntry {
  UUID runId();

  /** Whose execution it is; what the first and the last write of a run have in common. */
  record Owner(String flowId, String sessionId, String workspaceId, Instant startedAt) {}

  /** Writes nothing; it is done when everything given before it is. */
  record Flush(UUID runId) implements RunEntry {}

  /**
   * A run began.
   *
   * @param process that runs it
   */
  record Started(UUID runId, Owner owner, UUID process) implements RunEntry {}

  /**
   * A node finished.
   *
   * @param entryId is the same for the same execution of the node, whoever executes it
   * @param meta how it ended, as JSON
   * @param paused whether it waits for a human
   */
  record NodeFinished(UUID runId, UUID entryId, String recordJson, String meta, boolean paused)
      implements RunEntry {}

  /**
   * A run ended.
   *
   * @param keptInput the body of the first request, when a human's answer may go on with the run;
   *     null when the run is over
   * @param process that ran it
   * @param answerId the message with its answer
   * @param resumed whether it answered an earlier run's question to a human
   * @param messages the chat messages it leaves, none when it failed
   */
  record Finished(
      UUID runId,
      Owner owner,
      String state,
      String recordsJson,
      @Nullable String action,
      Instant endedAt,
      @Nullable String keptInput,
      UUID process,
      UUID answerId,
      boolean resumed,
      List<StoredMessage> messages)
      implements RunEntry {}
}
