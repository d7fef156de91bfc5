package dev.millrace.pgjobs;

/**
 * Does jobs whose payload is an array. Adding to a waiting job's key appends to its array, so that
 * one job does what many have asked for.
 */
@FunctionalInterface
public interface BatchTask {
  /**
   * Does the items of a job. Those marked by {@link Batch#fail} are tried again, they alone; if
   * this throws, all are.
   */
  void run(Batch batch) throws Exception;
}
