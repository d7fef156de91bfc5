package dev.millrace.pgjobs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds programs in a folder, as graphile-worker does: each file that may be executed is a task,
 * named by its path without its extension, with slashes.
 */
final class TaskFolder {
  private static final Logger log = LoggerFactory.getLogger(TaskFolder.class);
  private static final Pattern PART = Pattern.compile("[A-Za-z0-9_-]+");
  private static final int DEEPEST = 10;

  private TaskFolder() {}

  /**
   * Returns the programs by their names; files that are none, or whose names do not do, are not.
   */
  static SortedMap<String, Path> programs(Path folder) {
    var found = new TreeMap<String, Path>();
    try (var files = Files.walk(folder.toAbsolutePath(), DEEPEST, FileVisitOption.FOLLOW_LINKS)) {
      files
          .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
          .sorted()
          .forEach(file -> add(found, folder.toAbsolutePath(), file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the folder of tasks " + folder, e);
    }
    return found;
  }

  private static void add(SortedMap<String, Path> found, Path folder, Path file) {
    var relative = folder.relativize(file);
    var name = new StringBuilder();
    for (var i = 0; i < relative.getNameCount(); i++) {
      var part = relative.getName(i).toString();
      var isLast = i == relative.getNameCount() - 1;
      var plain = isLast ? part.replaceFirst("(?<=.)\\.[^.]*$", "") : part;
      if (!PART.matcher(plain).matches()) {
        log.warn("{} is no task: names of tasks are of letters, digits, _ and -", file);
        return;
      }
      name.append(i == 0 ? "" : "/").append(plain);
    }
    var first = found.putIfAbsent(name.toString(), file);
    if (first != null) {
      log.warn("{} is no task: {} has the same name", file, first);
    }
  }
}
