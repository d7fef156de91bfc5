package dev.millrace.server.dashboard;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A queue as the dashboard reads it. What a kind of queue does not have, it leaves as it is here.
 * Every method may wait for the store. Thread-safe.
 */
public interface BoardQueue {
  /** Returns its name, which is also what addresses call it; it may hold any characters. */
  String name();

  /** Returns the states that its jobs may be in, in the order in which the pages show them. */
  List<String> states();

  /**
   * Returns jobs, the newest first, state by state.
   *
   * @param start the first one of each state, counted from 0
   * @param end the last one of each
   */
  List<BoardJob> jobs(List<String> states, long start, long end);

  /** Returns a job, whole. */
  Optional<BoardJob> job(String id);

  /** Returns the state that a job is in, {@code unknown} if it is nowhere. */
  String state(String id);

  /** Returns the rows of a job's log, the oldest first. */
  List<String> logs(String id);

  /** Returns what can be done to the queue; null if it can only be read. */
  default @Nullable QueueActions actions() {
    return null;
  }

  /** Returns the tree of jobs that a job belongs to. */
  default Optional<ObjectNode> flow(String id, FlowWindow window) {
    return Optional.empty();
  }

  /** Returns its job schedulers as {@code AppJobScheduler} without {@code queueName}. */
  default List<ObjectNode> schedulers() {
    return List.of();
  }

  /** Returns {@code {completed, failed}} per minute, each of which may be null. */
  default Optional<ObjectNode> metrics() {
    return Optional.empty();
  }

  /** Returns its workers as {@code QueueWorker}; null if that cannot be known. */
  default @Nullable List<ObjectNode> workers() {
    return null;
  }

  /** Returns its rate limit as {@code {max, duration}}; null if it has none. */
  default @Nullable ObjectNode rateLimit() {
    return null;
  }

  /** Returns the options that jobs have which do not say otherwise. */
  default Optional<JsonNode> defaultJobOptions() {
    return Optional.empty();
  }

  /**
   * How much of a tree is read.
   *
   * @param fromJob whether the job itself is its root; else the job that has no parent is
   * @param depth how many levels
   * @param maxChildren how many children of a job
   */
  record FlowWindow(boolean fromJob, int depth, int maxChildren) {}
}
