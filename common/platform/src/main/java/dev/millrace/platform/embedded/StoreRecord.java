package dev.millrace.platform.embedded;

import dev.millrace.platform.settings.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is kept about a store in a file (mode 600), by which other processes of this machine find it
 * and the next owner keeps its port and password.
 *
 * @param port on loopback
 * @param password of its only user
 * @param ready whether it takes connections, as far as its owner knew last
 * @param processes guard and program of the last start; empty after a stop in good order
 */
record StoreRecord(int port, Secret password, boolean ready, List<Running> processes) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** The clock of process starts is set by the kernel and may be corrected meanwhile. */
  private static final Duration START_TOLERANCE = Duration.ofSeconds(3);

  StoreRecord {
    processes = List.copyOf(processes);
  }

  /** A process, told from later ones with the same number by when it started. */
  record Running(long pid, Instant started) {
    static Stream<Running> of(ProcessHandle handle) {
      return handle.info().startInstant().map(at -> new Running(handle.pid(), at)).stream();
    }

    Optional<ProcessHandle> find() {
      return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(this::startedThen);
    }

    private boolean startedThen(ProcessHandle handle) {
      return handle
          .info()
          .startInstant()
          .filter(at -> Duration.between(at, started).abs().compareTo(START_TOLERANCE) < 0)
          .isPresent();
    }
  }

  StoreRecord stopped() {
    return new StoreRecord(port, password, false, List.of());
  }

  /** Returns whether its owner called it ready and its processes still run. */
  boolean isLive() {
    return ready
        && !processes.isEmpty()
        && processes.stream().allMatch(process -> process.find().isPresent());
  }

  /** Reads a record; one that is missing or not readable as such is none. */
  static Optional<StoreRecord> read(Path file) throws IOException {
    try {
      var json = JSON.readTree(Files.readString(file));
      var processes = new ArrayList<Running>();
      for (var process : json.path("processes")) {
        var started = Instant.ofEpochMilli(process.path("started").asLong());
        processes.add(new Running(process.path("pid").asLong(), started));
      }
      var port = json.path("port").asInt(0);
      var password = json.path("password").asString("");
      return port == 0 || password.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new StoreRecord(
                  port, new Secret(password), json.path("ready").asBoolean(false), processes));
    } catch (NoSuchFileException | JacksonException none) {
      return Optional.empty();
    }
  }

  void write(Path file) throws IOException {
    var json = JSON.createObjectNode();
    json.put("host", EmbeddedStore.HOST).put("port", port).put("password", password.reveal());
    json.put("ready", ready);
    var list = json.putArray("processes");
    for (var process : processes) {
      list.addObject().put("pid", process.pid()).put("started", process.started().toEpochMilli());
    }
    PrivateFiles.write(file, json.toPrettyString() + "\n");
  }
}
