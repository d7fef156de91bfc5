package dev.millrace.bullmq;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** The jobs of one flow in the order in which they are added, parents first; all are checked. */
final class FlowPlan {
  /** One call must hold the whole flow, and Redis accepts about a million arguments. */
  private static final int MOST_JOBS = 50_000;

  private final List<Planned> jobs = new ArrayList<>();
  private final Telemetry.Span span;

  /**
   * A job of the flow.
   *
   * @param parent the parent's place in the plan, -1 for the root
   */
  private record Planned(
      Keys keys, String id, NewJob job, long createdAt, int parent, boolean waits) {
    String key() {
      return keys.job(id);
    }
  }

  private record Visit(FlowJob job, int parent) {}

  /**
   * @param defaults options by queue, for what a job leaves open
   * @param span whose context the jobs carry to their workers
   * @param now in ms since the epoch
   * @throws IllegalArgumentException when a job must not be added, or there are too many
   */
  FlowPlan(
      FlowJob root,
      QueueOptions options,
      Map<String, JobOptions> defaults,
      Telemetry.Span span,
      long now) {
    this.span = span;
    var stack = new ArrayDeque<Visit>();
    stack.push(new Visit(root, -1));
    while (!stack.isEmpty()) {
      var visit = stack.pop();
      plan(visit, options, defaults, now);
      if (jobs.size() > MOST_JOBS) {
        throw new IllegalArgumentException("a flow has at most %d jobs".formatted(MOST_JOBS));
      }
      for (var child : visit.job().children().reversed()) {
        stack.push(new Visit(child, jobs.size() - 1));
      }
    }
  }

  private void plan(Visit visit, QueueOptions options, Map<String, JobOptions> defaults, long now) {
    var node = visit.job();
    var prefix = node.prefix();
    var keys = new Keys(prefix == null ? options.prefix() : prefix, node.queue());
    var own =
        node.options().orElse(defaults.getOrDefault(node.queue(), options.defaultJobOptions()));
    if (own.deduplication() != null && !node.children().isEmpty()) {
      throw new IllegalArgumentException(
          "Deduplication options cannot be used on flow nodes with children");
    }
    var merged = visit.parent() < 0 ? own : own.toBuilder().parent(parent(visit)).build();
    var job = Tracing.carrying(new NewJob(node.name(), node.dataJson(), merged), span);
    job.validate();
    var given = merged.jobId();
    var id = given == null || given.isEmpty() ? UUID.randomUUID().toString() : given;
    var timestamp = merged.timestamp();
    var planned =
        new Planned(
            keys,
            id,
            job,
            timestamp == null ? now : timestamp,
            visit.parent(),
            !node.children().isEmpty());
    checkAncestors(planned);
    jobs.add(planned);
  }

  private ParentRef parent(Visit visit) {
    var parent = jobs.get(visit.parent());
    return new ParentRef(parent.id(), parent.keys().qualifiedName());
  }

  /** A job that waits for itself would wait for ever. */
  private void checkAncestors(Planned job) {
    for (var at = job.parent(); at >= 0; at = jobs.get(at).parent()) {
      if (jobs.get(at).key().equals(job.key())) {
        throw new IllegalArgumentException(
            "job %s is a descendant of itself in this flow".formatted(job.key()));
      }
    }
  }

  /** Returns the queue of the root. */
  Keys keys() {
    return jobs.getFirst().keys();
  }

  /** Returns the queues of all jobs. */
  Set<Keys> queues() {
    return jobs.stream().map(Planned::keys).collect(Collectors.toSet());
  }

  int size() {
    return jobs.size();
  }

  int characters() {
    return jobs.stream().mapToInt(job -> job.job().dataJson().length()).sum();
  }

  /** Adds what {@code flow.lua} is told about the flow. */
  void addArguments(List<String> arguments) {
    arguments.add(Integer.toString(jobs.size()));
    for (var planned : jobs) {
      var job = planned.job();
      var o = job.options();
      var parent = o.parent();
      var deduplication = o.deduplication();
      arguments.add(planned.keys().base());
      arguments.add(planned.id());
      arguments.add(job.name());
      arguments.add(job.dataJson());
      arguments.add(JobOptionsJson.write(o));
      arguments.add(Long.toString(planned.createdAt()));
      arguments.add(Long.toString(o.delayOrZero()));
      arguments.add(Integer.toString(o.priorityOrZero()));
      arguments.add(o.isLifo() ? "1" : "");
      arguments.add(parent == null ? "" : parent.key());
      arguments.add(parent == null ? "" : JobAdder.parentJson(parent, o));
      arguments.add(planned.waits() ? "parent" : "");
      arguments.add(deduplication == null ? "" : Json.write(JobOptionsJson.write(deduplication)));
    }
  }

  /**
   * Turns the script's reply into the tree.
   *
   * @throws JobOperationException when the flow was refused; nothing of it was added then
   */
  JobNode added(List<?> reply) {
    if (reply.getFirst() instanceof Long code) {
      var refused = jobs.get(((Long) reply.get(1)).intValue() - 1);
      var parent = refused.job().options().parent();
      var subject = parent == null ? refused.key() : parent.key();
      throw JobOperationException.of(code.intValue(), subject, "addJob", null);
    }
    var children = new ArrayList<ArrayDeque<JobNode>>();
    jobs.forEach(_ -> children.add(new ArrayDeque<>()));
    // Children come after their parents, so that going backwards meets them first.
    for (var i = jobs.size() - 1; i > 0; i--) {
      children.get(jobs.get(i).parent()).addFirst(node(i, reply, children));
    }
    return node(0, reply, children);
  }

  private JobNode node(int i, List<?> reply, List<ArrayDeque<JobNode>> children) {
    var planned = jobs.get(i);
    var id = String.valueOf(reply.get(i));
    var job = JobAdder.asAdded(planned.keys().queue(), id, planned.job(), planned.createdAt());
    return new JobNode(planned.keys().prefix(), job, List.copyOf(children.get(i)));
  }
}
