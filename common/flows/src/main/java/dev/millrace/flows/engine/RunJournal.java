package dev.millrace.flows.engine;

import java.util.UUID;

/**
 * Is told what a run did as it happens, so that it can be shown and, after a crash or a pause, gone
 * on with.
 *
 * <p>Calls of one run come one at a time, in order, from whichever thread. {@link #nodeFinished}
 * returns before its entry is durable, and the engine awaits the receipt before it lets a node with
 * effects begin: so a crash repeats at most those nodes that were at work.
 */
public interface RunJournal {
  /** Keeps nothing. */
  RunJournal NONE =
      new RunJournal() {
        @Override
        public void started(RunRequest run) {}

        @Override
        public Receipt nodeFinished(UUID runId, JournalEntry entry) {
          return Receipt.DURABLE;
        }

        @Override
        public Past past(UUID runId) {
          return Past.NONE;
        }

        @Override
        public void finished(RunRequest run, RunResult result) {}
      };

  /** Waits for an entry to become durable. Thread-safe. */
  @FunctionalInterface
  interface Receipt {
    /** It is already. */
    Receipt DURABLE = () -> {};

    /**
     * Returns when the entry, and every earlier one of its run, is durable.
     *
     * @throws RuntimeException when it could not be stored
     */
    void await();
  }

  void started(RunRequest run);

  /** A node ended; an entry replaces the one of the same key if that one was a pause. */
  Receipt nodeFinished(UUID runId, JournalEntry entry);

  /** Returns what a run that may have been begun before has behind it. */
  Past past(UUID runId);

  /**
   * The run ended, well or badly. Returns when that is durable. Of one that can be gone on with
   * ({@link RunResult#resumable}) the entries are kept.
   *
   * @throws RuntimeException when it could not be stored; the caller fails the job, which is then
   *     retried or reported
   */
  void finished(RunRequest run, RunResult result);
}
