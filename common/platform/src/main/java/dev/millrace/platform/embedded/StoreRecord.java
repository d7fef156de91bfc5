package dev.millrace.platform.embedded;

import dev.millrace.platform.settings.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is kept about a store in a file (mode 600), by which other processes of this machine find it
 * and the next owner keeps its port and password.
 *
 * @param port on loopback
 * @param password of its only user
 * @param owner the process that runs it and has seen it ready, and with which it ends; null when
 *     nobody has
 * @param processes guard and program of the last start; empty after a stop in good order
 */
record StoreRecord(int port, Secret password, @Nullable Running owner, List<Running> processes) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** The clock of process starts is set by the kernel and may be corrected meanwhile. */
  private static final Duration START_TOLERANCE = Duration.ofSeconds(3);

  StoreRecord {
    processes = List.copyOf(processes);
  }

  /** A process, told from later ones with the same number by when it started. */
  record Running(long pid, Instant started) {
    static Running self() {
      return of(ProcessHandle.current()).findFirst().orElseThrow();
    }

    static Stream<Running> of(ProcessHandle handle) {
      return handle.info().startInstant().map(at -> new Running(handle.pid(), at)).stream();
    }

    Optional<ProcessHandle> find() {
      return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(this::startedThen);
    }

    private static Running fromJson(JsonNode json) {
      var started = Instant.ofEpochMilli(json.path("started").asLong(0));
      return new Running(json.path("pid").asLong(0), started);
    }

    private void toJson(ObjectNode json) {
      json.put("pid", pid).put("started", started.toEpochMilli());
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
    return new StoreRecord(port, password, null, List.of());
  }

  /** Returns whether it takes connections and will go on doing so: all who keep it up still run. */
  boolean isLive() {
    return owner != null
        && owner.find().isPresent()
        && !processes.isEmpty()
        && processes.stream().allMatch(process -> process.find().isPresent());
  }

  /** Reads a record; one that is missing or not readable as such is none. */
  static Optional<StoreRecord> read(Path file) throws IOException {
    try {
      var json = JSON.readTree(Files.readString(file));
      var port = json.path("port").asInt(0);
      var password = json.path("password").asString("");
      if (port == 0 || password.isEmpty()) {
        return Optional.empty();
      }
      var owner = json.path("owner");
      var processes = json.path("processes").valueStream().map(Running::fromJson).toList();
      return Optional.of(
          new StoreRecord(
              port,
              new Secret(password),
              owner.isObject() ? Running.fromJson(owner) : null,
              processes));
    } catch (NoSuchFileException | JacksonException none) {
      return Optional.empty();
    }
  }

  void write(Path file) throws IOException {
    var json = JSON.createObjectNode();
    json.put("host", EmbeddedStore.HOST).put("port", port).put("password", password.reveal());
    if (owner != null) {
      owner.toJson(json.putObject("owner"));
    }
    var list = json.putArray("processes");
    processes.forEach(process -> process.toJson(list.addObject()));
    PrivateFiles.write(file, json.toPrettyString() + "\n");
  }
}
