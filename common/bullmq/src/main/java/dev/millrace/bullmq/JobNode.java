package dev.millrace.bullmq;

import java.util.List;

/**
 * A job of a flow as it was added or read, with its children.
 *
 * @param prefix the prefix of its queue's keys
 */
public record JobNode(String prefix, Job job, List<JobNode> children) {
  public JobNode {
    children = List.copyOf(children);
  }
}
