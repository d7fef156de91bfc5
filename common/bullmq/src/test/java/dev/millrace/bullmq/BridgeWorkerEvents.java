package dev.millrace.bullmq;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Counts what a worker tells, and passes it on; if it is quiet, not what it tells of each job. */
final class BridgeWorkerEvents implements WorkerListener {
  private final BridgeOutput out;
  private final String handle;
  private final boolean quiet;
  private final AtomicLong completed = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong stalled = new AtomicLong();
  private final AtomicLong firstNanos = new AtomicLong();
  private volatile long latestNanos;

  BridgeWorkerEvents(BridgeOutput out, String handle, boolean quiet) {
    this.out = out;
    this.handle = handle;
    this.quiet = quiet;
  }

  /** Returns how many jobs ended, and the time from the first one's begin to the last one's end. */
  ObjectNode stats() {
    var first = firstNanos.get();
    return Json.object()
        .put("done", completed.get() + failed.get())
        .put("completed", completed.get())
        .put("failed", failed.get())
        .put("stalled", stalled.get())
        .put("wallMs", first == 0 ? 0 : (latestNanos - first) / 1_000_000.0);
  }

  private void tell(String name, JsonNode... args) {
    out.event("worker." + name, handle, args);
  }

  private void tellOfJob(String name, JsonNode... args) {
    if (!quiet) {
      tell(name, args);
    }
  }

  private void ended(AtomicLong counter) {
    counter.incrementAndGet();
    latestNanos = System.nanoTime();
  }

  @Override
  public void ready() {
    tell("ready");
  }

  @Override
  public void active(Job job) {
    firstNanos.compareAndSet(0, System.nanoTime());
    tellOfJob("active", BridgeArgs.json(job.id()));
  }

  @Override
  public void progress(Job job, String json) {
    tellOfJob("progress", BridgeArgs.json(job.id()), Json.tree(json));
  }

  @Override
  public void completed(Job job, String returnValue) {
    ended(completed);
    tellOfJob("completed", BridgeArgs.json(job.id()), BridgeArgs.json(returnValue));
  }

  @Override
  public void failed(Job job, Throwable error) {
    ended(failed);
    tellOfJob("failed", BridgeArgs.json(job.id()), BridgeArgs.json(Failure.reason(error)));
  }

  @Override
  public void failedBeforeProcessing(Job job, String reason) {
    ended(failed);
    tell("failed", BridgeArgs.json(job.id()), BridgeArgs.json(reason));
  }

  @Override
  public void stalled(String jobId) {
    stalled.incrementAndGet();
    tell("stalled", BridgeArgs.json(jobId));
  }

  @Override
  public void lockRenewalFailed(List<String> jobIds) {
    tell("lockRenewalFailed", BridgeArgs.json(jobIds));
  }

  @Override
  public void drained() {
    tellOfJob("drained");
  }

  @Override
  public void paused() {
    tell("paused");
  }

  @Override
  public void resumed() {
    tell("resumed");
  }

  @Override
  public void closing() {
    tell("closing");
  }

  @Override
  public void closed() {
    tell("closed");
  }

  @Override
  public void error(Throwable error) {
    tell("error", BridgeArgs.json(Failure.reason(error)));
  }
}
