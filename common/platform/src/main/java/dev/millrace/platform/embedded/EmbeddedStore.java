package dev.millrace.platform.embedded;

import dev.millrace.platform.embedded.StoreRecord.Running;
import dev.millrace.platform.settings.Secret;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store that this process owns: it runs until {@link #close}, is started again when it ends by
 * itself, and ends when this process dies. A lock makes sure that there is one owner.
 */
final class EmbeddedStore implements AutoCloseable {
  static final String HOST = "127.0.0.1";

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedStore.class);

  /** Recovery after a crash of a busy store takes its time. */
  private static final Duration READY_LIMIT = Duration.ofMinutes(2);

  private static final Duration WATCHER_LIMIT = Duration.ofSeconds(30);
  private static final int FIRST_START_TRIES = 4;
  private static final int PASSWORD_BYTES = 24;

  private final StoreProgram program;
  private final StoreFiles files;
  private final FileLocks.Held lock;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Backoff backoff = new Backoff();
  private final Secret password;
  private final boolean passwordIsNew;
  private int port;
  private volatile @Nullable GuardedProcess process;
  private @Nullable Thread watcher;

  private EmbeddedStore(
      StoreProgram program, StoreFiles files, FileLocks.Held lock, Optional<StoreRecord> former) {
    this.program = program;
    this.files = files;
    this.lock = lock;
    this.password = former.map(StoreRecord::password).orElseGet(EmbeddedStore::newPassword);
    this.passwordIsNew = former.isEmpty();
    this.port = former.map(StoreRecord::port).orElse(program.firstPort());
  }

  /**
   * Starts a store and returns when it takes connections.
   *
   * @return nothing when another process owns it
   * @throws EmbeddedStoreException when it does not start
   */
  static Optional<EmbeddedStore> start(StoreProgram program, StoreFiles files) {
    try {
      PrivateFiles.folder(files.embedded());
      var lock = FileLocks.tryLock(files.lock());
      if (lock.isEmpty()) {
        return Optional.empty();
      }
      try {
        var former = StoreRecord.read(files.record());
        former.ifPresent(record -> Leftovers.end(record, program.name()));
        var store = new EmbeddedStore(program, files, lock.get(), former);
        store.startFirst();
        return Optional.of(store);
      } catch (IOException | RuntimeException e) {
        lock.get().close();
        throw e;
      }
    } catch (IOException e) {
      throw new EmbeddedStoreException(
          "the embedded "
              + program.name()
              + " cannot use "
              + files.embedded()
              + " ("
              + e
              + "); make room or give access, or move MILLRACE_HOME",
          e);
    }
  }

  /** The port on loopback, the same as at the last start unless another program had taken it. */
  int port() {
    return port;
  }

  Secret password() {
    return password;
  }

  /** Stops the store in good order; a second call does nothing. */
  @Override
  public void close() {
    closing.countDown();
    if (!lock.channel().isOpen()) {
      return;
    }
    try (lock) {
      // Before it stops, so that nobody begins to use it now.
      record(null).write(files.record());
      var running = process;
      if (running != null) {
        running.close();
      }
      if (watcher != null && !watcher.join(WATCHER_LIMIT)) {
        LOG.atWarn().addKeyValue("store", program.name()).log("the watcher does not end");
      }
      record(null).stopped().write(files.record());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.atWarn().addKeyValue("store", program.name()).setCause(e).log("cannot update its record");
    }
  }

  private void startFirst() throws IOException {
    program.prepare(password, passwordIsNew);
    for (var tries = 1; ; tries++) {
      try {
        if (!Ports.isFree(port)) {
          port = Ports.firstFree(program.firstPort());
        }
        run();
        break;
      } catch (EmbeddedStoreException e) {
        // Another program may have taken the port just now, or a crashed server's children may
        // still be about to notice that they are orphans.
        if (tries == FIRST_START_TRIES || pauseUnlessClosing(backoff.next())) {
          throw e;
        }
        LOG.atWarn()
            .addKeyValue("store", program.name())
            .addKeyValue("why", e.getMessage())
            .log("trying again");
      }
    }
    watcher = Thread.ofVirtual().name("embedded-" + program.name()).start(this::watch);
  }

  /** Starts the program and returns when it takes connections. */
  private void run() throws IOException {
    var begun = System.nanoTime();
    LogTail.rotate(files.log());
    var started =
        GuardedProcess.start(program.command(port, password), program.stopSignal(), files.log());
    process = started;
    try {
      record(null).write(files.record());
      awaitReady(started);
    } catch (IOException | RuntimeException e) {
      started.close();
      throw e;
    }
    record(Running.self()).write(files.record());
    LOG.atInfo()
        .addKeyValue("store", program.name())
        .addKeyValue("port", port)
        .addKeyValue("data", files.data())
        .addKeyValue("millis", Duration.ofNanos(System.nanoTime() - begun).toMillis())
        .log("embedded store started");
  }

  private void awaitReady(GuardedProcess started) throws IOException {
    var deadline = Deadline.in(READY_LIMIT);
    while (!program.isReady(port, password, started)) {
      if (!started.isAlive() || deadline.passed() || closing.getCount() == 0) {
        throw new EmbeddedStoreException(
            "the embedded "
                + program.name()
                + (started.isAlive() ? " is not ready" : " ended while it started")
                + "; repair it, or set "
                + program.alternative()
                + " to a server of your own; it said: "
                + LogTail.of(files.log()));
      }
      deadline.pause();
    }
  }

  /** Starts the store again whenever it ends, until it is closed. */
  private void watch() {
    try {
      for (var running = process; running != null; running = process) {
        var code = running.awaitExit();
        if (closing.getCount() == 0) {
          return;
        }
        LOG.atError()
            .addKeyValue("store", program.name())
            .addKeyValue("exit", code)
            .addKeyValue("said", LogTail.of(files.log()))
            .log("embedded store ended by itself; starting it again");
        if (pauseUnlessClosing(backoff.next())) {
          return;
        }
        relaunch();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void relaunch() {
    try {
      program.prepare(password, false);
      run();
      var started = process;
      // close() may have looked at the process before this one was there.
      if (closing.getCount() == 0 && started != null) {
        started.close();
      }
    } catch (IOException | EmbeddedStoreException e) {
      LOG.atError()
          .addKeyValue("store", program.name())
          .setCause(e)
          .log("embedded store does not start; trying again");
    }
  }

  private boolean pauseUnlessClosing(Duration pause) {
    try {
      return closing.await(pause.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      throw Deadline.interrupted(e);
    }
  }

  private StoreRecord record(@Nullable Running owner) {
    var running = process;
    if (running == null) {
      return new StoreRecord(port, password, owner, List.of());
    }
    var store = running.program(program.executable()).stream();
    var all = Stream.concat(Stream.of(running.guard()), store).flatMap(Running::of);
    return new StoreRecord(port, password, owner, all.toList());
  }

  private static Secret newPassword() {
    var bytes = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(bytes);
    return new Secret(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }
}
