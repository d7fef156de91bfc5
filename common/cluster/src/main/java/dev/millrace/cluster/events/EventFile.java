package dev.millrace.cluster.events;

import dev.millrace.cluster.Payload;
import dev.millrace.cluster.events.EventTransport.Attempt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Events between an orderly stop and the next start: JSON, a list for each channel. */
final class EventFile {
  private static final Logger LOG = LoggerFactory.getLogger(EventFile.class);
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final TypeReference<TreeMap<String, List<Row>>> ROWS = new TypeReference<>() {};

  private final Path path;

  EventFile(Path path) {
    this.path = path;
  }

  /** An event, and how long it is not to be handled yet. */
  record Stored(Attempt attempt, Duration delay) {}

  private record Row(
      String id,
      String message,
      int retried,
      long delayMs,
      long timeoutMs,
      int maxRetries,
      long backoffMs,
      boolean backoffDoubles) {
    static Row of(Stored stored) {
      var attempt = stored.attempt();
      var options = attempt.options();
      return new Row(
          attempt.id(),
          attempt.message().json(),
          attempt.retried(),
          stored.delay().toMillis(),
          options.timeout().toMillis(),
          options.maxRetries(),
          options.backoff().first().toMillis(),
          options.backoff().doubling());
    }

    Stored stored() {
      var options =
          new EventOptions(
              Duration.ofMillis(Math.max(1, timeoutMs)),
              maxRetries,
              new Backoff(Duration.ofMillis(backoffMs), backoffDoubles),
              Duration.ZERO);
      return new Stored(
          new Attempt(id, new Payload(message), options, retried), Duration.ofMillis(delayMs));
    }
  }

  /** Returns what is in the file, which is gone then. One that cannot be read is put aside. */
  Map<String, List<Stored>> takeAll() {
    if (!Files.exists(path)) {
      return Map.of();
    }
    try {
      var all = new TreeMap<String, List<Stored>>();
      for (var entry : MAPPER.readValue(Files.readAllBytes(path), ROWS).entrySet()) {
        all.put(entry.getKey(), entry.getValue().stream().map(Row::stored).toList());
      }
      Files.delete(path);
      return all;
    } catch (IOException | JacksonException | IllegalArgumentException e) {
      putAside(e);
      return Map.of();
    }
  }

  private void putAside(Exception why) {
    var aside = path.resolveSibling(path.getFileName() + ".unreadable");
    try {
      Files.move(path, aside, StandardCopyOption.REPLACE_EXISTING);
      LOG.error("events of the last stop cannot be read and are lost; they are in {}", aside, why);
    } catch (IOException e) {
      LOG.error("events of the last stop cannot be read: {}", path, why);
    }
  }

  /** Writes events; no file when there are none. */
  void store(Map<String, List<Stored>> events) {
    if (events.isEmpty()) {
      return;
    }
    var rows = new TreeMap<String, List<Row>>();
    events.forEach((channel, stored) ->
        rows.put(channel, new ArrayList<>(stored.stream().map(Row::of).toList())));
    try {
      var parent = path.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      var half = path.resolveSibling(path.getFileName() + ".half");
      Files.write(half, MAPPER.writeValueAsBytes(rows));
      Files.move(half, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "events that wait cannot be stored in " + path + " and are lost", e);
    }
  }
}
