package dev.millrace.pgjobs;

import tools.jackson.databind.node.ArrayNode;

/** Runs a batch task as an ordinary one. */
record BatchRun(BatchTask task) implements Task {
  /** Some items failed: the job is tried again with them alone. */
  static final class PartialFailure extends RuntimeException {
    private final String remainder;

    PartialFailure(Batch batch) {
      super(batch.reasons());
      remainder = batch.remainder();
    }

    String remainder() {
      return remainder;
    }
  }

  @Override
  public void run(TaskContext job) throws Exception {
    if (!(job.payload() instanceof ArrayNode items)) {
      throw new PermanentFailureException(
          "the payload of batch task %s is not an array".formatted(job.job().task()));
    }
    var batch = new Batch(job, items);
    task.run(batch);
    if (batch.hasFailures()) {
      throw new PartialFailure(batch);
    }
  }
}
