package dev.millrace.pgjobs;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The tasks that a runner does, by name. Jobs of other names are left for other workers. */
public final class Tasks {
  private static final int MAX_NAME = 128;

  private final Map<String, Entry> entries;

  private Tasks(Map<String, Entry> entries) {
    this.entries = entries;
  }

  /**
   * A task and its settings.
   *
   * @param timeout how long a job of it may take; null for the runner's {@code jobTimeout}
   */
  record Entry(Task task, @Nullable Duration timeout) {}

  /** Collects tasks; not thread-safe. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a single task under its name. */
  public static Tasks of(String name, Task task) {
    return builder().add(name, task).build();
  }

  /** Returns the names. */
  public Set<String> names() {
    return entries.keySet();
  }

  @Nullable Entry find(String name) {
    return entries.get(name);
  }

  /** Collects tasks; not thread-safe. */
  public static final class Builder {
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private Builder() {}

    /** Adds a task. */
    public Builder add(String name, Task task) {
      return put(name, new Entry(task, null));
    }

    /** Adds a task whose jobs may take that long. */
    public Builder add(String name, Task task, Duration timeout) {
      if (!timeout.isPositive()) {
        throw new IllegalArgumentException("the timeout of task " + name + " must be positive");
      }
      return put(name, new Entry(task, timeout));
    }

    /** Adds a task for jobs whose payload is an array. */
    public Builder addBatch(String name, BatchTask task) {
      return add(name, new BatchRun(task));
    }

    /**
     * Adds every program of a folder as a task: executable files, in folders within it too, named
     * by their path without extension ({@code mail/send.sh} does jobs of {@code mail/send}). A
     * program gets {@code {"payload": …}} on its standard input and the job's facts in variables
     * {@code GRAPHILE_WORKER_…}; it runs with this process' environment and rights.
     *
     * @throws java.io.UncheckedIOException when the folder cannot be read
     */
    public Builder addExecutables(Path folder) {
      TaskFolder.programs(folder)
          .forEach((name, program) -> add(name, new ExecutableTask(program)));
      return this;
    }

    private Builder put(String name, Entry entry) {
      if (name.length() > MAX_NAME) {
        throw new IllegalArgumentException(
            "a task's name has at most %d characters, not %d".formatted(MAX_NAME, name.length()));
      }
      if (entries.putIfAbsent(name, entry) != null) {
        throw new IllegalArgumentException("there is a task " + name + " already");
      }
      return this;
    }

    /** Returns the tasks. */
    public Tasks build() {
      return new Tasks(Map.copyOf(entries));
    }
  }
}
