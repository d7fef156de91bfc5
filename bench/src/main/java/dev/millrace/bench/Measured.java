package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A process and what the kernel says of it, its children included where it has some (PostgreSQL).
 *
 * @param name in the report
 * @param pid the process, or the first of its tree
 */
record Measured(String name, long pid) {
  private static final double TICKS_PER_SECOND = 100;

  /** Returns the CPU time used so far, in ms. */
  double cpuMillis() {
    return tree().stream().mapToDouble(Measured::cpuMillis).sum();
  }

  /** Returns the resident memory of the process itself, in MB. */
  double rssMegabytes() {
    try {
      for (var line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
        if (line.startsWith("VmRSS:")) {
          return Integer.parseInt(line.replaceAll("\\D", "")) / 1024.0;
        }
      }
    } catch (IOException e) {
      // It has just ended.
      return 0;
    }
    return 0;
  }

  private List<Long> tree() {
    var handle = ProcessHandle.of(pid);
    return handle.isEmpty()
        ? List.of()
        : java.util.stream.Stream.concat(
                java.util.stream.Stream.of(pid), handle.get().descendants().map(ProcessHandle::pid))
            .toList();
  }

  private static double cpuMillis(long pid) {
    try {
      var stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      // Field 2 is the name in parentheses, which may contain spaces; utime and stime are 14 and
      // 15.
      var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      var ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
      return ticks / TICKS_PER_SECOND * 1000;
    } catch (IOException e) {
      // It has just ended; a backend of PostgreSQL, say.
      return 0;
    }
  }
}
