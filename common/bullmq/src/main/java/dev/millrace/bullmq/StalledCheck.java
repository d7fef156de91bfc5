package dev.millrace.bullmq;

import java.util.List;

/** Finds jobs whose worker went silent. One worker of the queue does so per interval. */
final class StalledCheck {
  /** BullMQ's own words. */
  private static final String TOO_OFTEN = "job stalled more than allowable limit";

  private final Scripts scripts;
  private final WorkerOptions options;
  private final WorkerEvents events;

  StalledCheck(Scripts scripts, WorkerOptions options, WorkerEvents events) {
    this.scripts = scripts;
    this.options = options;
    this.events = events;
  }

  void run() {
    var arguments = scripts.arguments(scripts.now());
    arguments.add(Integer.toString(options.maxStalledCount()));
    arguments.add(Long.toString(options.stalledInterval().toMillis()));
    var reply = scripts.call(Script.STALLED, arguments);
    for (var id : (List<?>) reply.getFirst()) {
      events.tell(listener -> listener.stalled(String.valueOf(id)));
    }
    // Only with eagerFail; otherwise whoever takes such a job fails it.
    for (var i = 1; i + 1 < reply.size(); i += 2) {
      var job =
          JobHash.read(
              scripts.keys().queue(), String.valueOf(reply.get(i)), (List<?>) reply.get(i + 1));
      events.tell(listener -> listener.failedBeforeProcessing(job, TOO_OFTEN));
    }
  }
}
