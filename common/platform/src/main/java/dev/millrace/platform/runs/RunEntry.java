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

  /** A run began. */
  record Started(UUID runId, Owner owner) implements RunEntry {}

  /**
   * A node finished.
   *
   * @param entryId tells a repeated write from a repeated node
   */
  record NodeFinished(UUID runId, UUID entryId, String recordJson) implements RunEntry {}

  /**
   * A run ended.
   *
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
      boolean resumed,
      List<StoredMessage> messages)
      implements RunEntry {}
}
