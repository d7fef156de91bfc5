package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;

/** The facts of the machine, without which a figure says nothing. */
final class Machine {
  private Machine() {}

  static String facts() throws IOException {
    var load = Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0];
    return "%s, %d cores (%s), load %s at the start, JDK %s%n"
        .formatted(
            LocalDate.now(java.time.ZoneOffset.UTC),
            Runtime.getRuntime().availableProcessors(),
            cpuModel(),
            load,
            Runtime.version());
  }

  private static String cpuModel() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    }
  }
}
