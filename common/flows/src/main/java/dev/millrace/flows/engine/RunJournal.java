package dev.millrace.flows.engine;

import java.util.UUID;

/**
 * Is told what a run did as it happens, so that it can be shown and, after a crash, gone on with.
 *
 * <p>Calls of one run come one at a time, in order. An implementation may return before the entry
 * is durable; {@link #finished} may not.
 */
public interface RunJournal {
  /** Keeps nothing. */
  RunJournal NONE =
      new RunJournal() {
        @Override
        public void started(RunRequest run) {}

        @Override
        public void nodeFinished(UUID runId, NodeRecord record) {}

        @Override
        public void finished(RunRequest run, RunResult result) {}
      };

  void started(RunRequest run);

  void nodeFinished(UUID runId, NodeRecord record);

  /**
   * The run ended, well or badly. Returns when that is durable.
   *
   * @throws RuntimeException when it could not be stored; the caller fails the job, which is then
   *     retried or reported
   */
  void finished(RunRequest run, RunResult result);
}
