package dev.millrace.platform.schedules;

/** Says when the runs of schedules are due, once each over all processes. Thread-safe. */
public interface ScheduleBeat extends AutoCloseable {
  /** Nothing is due here: this node does not run flows, others that do have their own. */
  ScheduleBeat NONE =
      new ScheduleBeat() {
        @Override
        public void set(Schedule schedule) {}

        @Override
        public void remove(String scheduleId) {}

        @Override
        public void close() {}
      };

  /** From now on this schedule is in force, in place of an earlier form of it. */
  void set(Schedule schedule);

  /** From now on it is not. */
  void remove(String scheduleId);

  @Override
  void close();
}
