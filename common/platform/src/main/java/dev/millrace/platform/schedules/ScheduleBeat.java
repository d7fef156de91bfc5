package dev.millrace.platform.schedules;

/** Says when the runs of schedules are due, once each over all processes. Thread-safe. */
public interface ScheduleBeat extends AutoCloseable {
  /** From now on this schedule is in force, in place of an earlier form of it. */
  void set(Schedule schedule);

  /** From now on it is not. */
  void remove(String scheduleId);

  @Override
  void close();
}
