package dev.millrace.bullmq;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A job of a flow, with the jobs that it waits for.
 *
 * @param name what kind of job it is
 * @param queue the name of its queue
 * @param prefix the prefix of its queue's keys; null is the producer's
 * @param dataJson its data, JSON text that is stored as it is
 * @param options a {@code parent} is only heeded on the root; the others' parents are the jobs that
 *     they are children of
 * @param children may be in any queues
 */
public record FlowJob(
    String name,
    String queue,
    @Nullable String prefix,
    String dataJson,
    JobOptions options,
    List<FlowJob> children) {
  public FlowJob {
    children = List.copyOf(children);
  }

  /** A job with the queue's default options. */
  public FlowJob(String name, String queue, String dataJson, FlowJob... children) {
    this(name, queue, null, dataJson, JobOptions.NONE, List.of(children));
  }

  public FlowJob withOptions(JobOptions value) {
    return new FlowJob(name, queue, prefix, dataJson, value, children);
  }

  public FlowJob withPrefix(@Nullable String value) {
    return new FlowJob(name, queue, value, dataJson, options, children);
  }

  public FlowJob withChildren(List<FlowJob> value) {
    return new FlowJob(name, queue, prefix, dataJson, options, value);
  }
}
