package dev.millrace.bullmq;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Adds jobs to one queue, those of concurrent callers in one script call. */
final class JobAdder {
  private static final int BATCH = 250;
  private static final int BATCH_BYTES = 1 << 20;
  private static final int PENDING = 100_000;

  private final Scripts scripts;
  private final QueueOptions options;
  private final SafeListener<QueueListener> listener;
  private final Coalescer<Prepared, Object> coalescer;

  JobAdder(Scripts scripts, QueueOptions options, SafeListener<QueueListener> listener) {
    this.scripts = scripts;
    this.options = options;
    this.listener = listener;
    coalescer =
        new Coalescer<>(1, BATCH, BATCH_BYTES, PENDING, () -> 1, Prepared::size, this::send);
  }

  /** A checked job with what the script is told about it. */
  private record Prepared(NewJob job, long createdAt, List<String> arguments) {
    int size() {
      return job.dataJson().length();
    }
  }

  CompletableFuture<Job> add(NewJob job) {
    var span = scripts.tracing().add(job);
    try {
      var prepared = prepare(job, span);
      return Tracing.closing(
          span, coalescer.submit(prepared).thenApply(reply -> added(prepared, reply)));
    } catch (RuntimeException e) {
      span.failed(e);
      span.close();
      throw e;
    }
  }

  /** Adds jobs in order; none is sent unless all are valid. */
  List<CompletableFuture<Job>> addAll(List<NewJob> jobs) {
    var span = scripts.tracing().addBulk(jobs);
    try {
      var prepared = jobs.stream().map(job -> prepare(job, span)).toList();
      var replies = coalescer.submitAll(prepared);
      var added =
          IntStream.range(0, prepared.size())
              .mapToObj(i -> replies.get(i).thenApply(reply -> added(prepared.get(i), reply)))
              .toList();
      var _ =
          Tracing.closing(span, CompletableFuture.allOf(added.toArray(CompletableFuture[]::new)));
      return added;
    } catch (RuntimeException e) {
      span.failed(e);
      span.close();
      throw e;
    }
  }

  private Prepared prepare(NewJob job, Telemetry.Span span) {
    var merged = job.options().orElse(options.defaultJobOptions());
    var complete = Tracing.carrying(new NewJob(job.name(), job.dataJson(), merged), span);
    complete.validate();
    var timestamp = merged.timestamp();
    var createdAt = timestamp == null ? scripts.now() : timestamp;
    return new Prepared(complete, createdAt, describe(complete, createdAt));
  }

  private static List<String> describe(NewJob job, long createdAt) {
    var o = job.options();
    var parent = o.parent();
    var id = o.jobId();
    var deduplication = o.deduplication();
    return List.of(
        id == null ? "" : id,
        job.name(),
        job.dataJson(),
        JobOptionsJson.write(o),
        Long.toString(createdAt),
        Long.toString(o.delayOrZero()),
        Integer.toString(o.priorityOrZero()),
        o.isLifo() ? "1" : "",
        parent == null ? "" : parent.key(),
        parent == null ? "" : parentJson(parent, o),
        "",
        "",
        deduplication == null ? "" : Json.write(JobOptionsJson.write(deduplication)));
  }

  /**
   * Returns the parent as it is stored with its child, and what the child's failure means to it.
   */
  static String parentJson(ParentRef parent, JobOptions o) {
    var json = Json.object().put("id", parent.id()).put("queueKey", parent.queue());
    if (Boolean.TRUE.equals(o.failParentOnFailure())) {
      json.put("fpof", true);
    }
    if (Boolean.TRUE.equals(o.continueParentOnFailure())) {
      json.put("cpof", true);
    }
    if (Boolean.TRUE.equals(o.ignoreDependencyOnFailure())) {
      json.put("idof", true);
    }
    if (Boolean.TRUE.equals(o.removeDependencyOnFailure())) {
      json.put("rdof", true);
    }
    return Json.write(json);
  }

  private CompletableFuture<List<Object>> send(List<Prepared> jobs) {
    var arguments = scripts.arguments(scripts.now());
    arguments.add(Long.toString(options.maxLenEvents()));
    arguments.add(options.compat().version());
    jobs.forEach(job -> arguments.addAll(job.arguments()));
    return scripts.send(Script.ADD, arguments);
  }

  private Job added(Prepared prepared, Object reply) {
    var job = prepared.job();
    var o = job.options();
    if (reply instanceof List<?> failure) {
      var where = job.name() + " to queue " + scripts.keys().queue();
      throw new BullMqException("adding job " + where + " failed: " + failure.getFirst());
    }
    if (reply instanceof Long code) {
      var parent = o.parent();
      var parentKey = parent == null ? null : parent.key();
      var subject = parentKey != null ? parentKey : String.valueOf(o.jobId());
      throw JobOperationException.of(code.intValue(), subject, "addJob", null);
    }
    var added = asAdded(scripts.keys().queue(), (String) reply, job, prepared.createdAt());
    listener.tell(l -> l.waiting(added));
    return added;
  }

  /** Returns a job as it is before anything happened to it. */
  static Job asAdded(String queue, String id, NewJob job, long createdAt) {
    var o = job.options();
    var parent = o.parent();
    var deduplication = o.deduplication();
    return new Job(
        queue,
        id,
        job.name(),
        job.dataJson(),
        o,
        createdAt,
        o.delayOrZero(),
        o.priorityOrZero(),
        "0",
        0,
        0,
        0,
        null,
        null,
        null,
        null,
        List.of(),
        null,
        parent == null ? null : parent.key(),
        null,
        deduplication == null ? null : deduplication.id(),
        null);
  }
}
