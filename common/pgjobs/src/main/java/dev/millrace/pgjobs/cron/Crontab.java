package dev.millrace.pgjobs.cron;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/**
 * What a crontab says. Lines that are wrong are named, and the others count (graphile-worker
 * refuses the whole file).
 *
 * @param items those of the right lines, in order
 * @param problems what is wrong with the others
 */
public record Crontab(List<CronItem> items, List<Problem> problems) {
  private static final long MAX_BYTES = 1 << 20;

  public Crontab {
    items = List.copyOf(items);
    problems = List.copyOf(problems);
  }

  /**
   * A line that does not count.
   *
   * @param line its number, from 1
   * @param text of the line
   * @param reason why not
   */
  public record Problem(int line, String text, String reason) {
    @Override
    public String toString() {
      return "line %d of the crontab: %s (%s)".formatted(line, reason, text);
    }
  }

  /** Reads a crontab. */
  public static Crontab parse(String text) {
    var items = new ArrayList<CronItem>();
    var problems = new ArrayList<Problem>();
    var lines = new HashMap<String, Integer>();
    var number = 0;
    for (var line : text.lines().map(String::strip).toList()) {
      number++;
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      try {
        var item = CronLine.parse(line);
        var earlier = lines.putIfAbsent(item.identifier(), number);
        if (earlier != null) {
          throw new IllegalArgumentException(
              "line %d has identifier '%s' already; give this one another with ?id="
                  .formatted(earlier, item.identifier()));
        }
        items.add(item);
      } catch (IllegalArgumentException e) {
        problems.add(new Problem(number, line, String.valueOf(e.getMessage())));
      }
    }
    return new Crontab(items, problems);
  }

  /**
   * Reads a crontab from a file; one that is missing is an empty one.
   *
   * @throws UncheckedIOException when it cannot be read, or has more than a megabyte
   */
  public static Crontab read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException(file + " has more than %d bytes".formatted(MAX_BYTES));
      }
      return parse(Files.readString(file, StandardCharsets.UTF_8));
    } catch (NoSuchFileException e) {
      return new Crontab(List.of(), List.of());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the crontab " + file, e);
    }
  }
}
