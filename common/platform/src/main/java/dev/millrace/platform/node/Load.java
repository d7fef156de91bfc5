package dev.millrace.platform.node;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongSupplier;

/** What this process is busy with: numbers by name, read when somebody asks. Thread-safe. */
public final class Load {
  private final Map<String, LongSupplier> numbers = new ConcurrentSkipListMap<>();

  /** Adds a number; the name is of the form {@code activeJobs}. */
  public void add(String name, LongSupplier number) {
    numbers.put(name, number);
  }

  /** Returns the numbers as they are now. */
  public Map<String, Long> read() {
    var read = new ConcurrentSkipListMap<String, Long>();
    numbers.forEach((name, number) -> read.put(name, number.getAsLong()));
    return read;
  }
}
