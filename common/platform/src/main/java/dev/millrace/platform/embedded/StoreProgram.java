package dev.millrace.platform.embedded;

import dev.millrace.platform.settings.Secret;
import java.io.IOException;
import java.util.List;

/** What differs between PostgreSQL and Redis. Used by the one process that owns the store. */
sealed interface StoreProgram permits PostgresProgram, RedisProgram {
  /** Names files, threads and log events. */
  String name();

  /** The name of the program that serves. */
  String executable();

  /** The variable that names a server to be used instead. */
  String alternative();

  /** The port to try first. */
  int firstPort();

  /** What makes it stop at once but in good order. */
  String stopSignal();

  /**
   * Makes the data folder if there is none and removes what a crash left; nothing runs on it.
   *
   * @param passwordIsNew whether existing data may know another password
   */
  void prepare(Secret password, boolean passwordIsNew) throws IOException;

  /** Returns the command that serves on this port of loopback until it gets the stop signal. */
  List<String> command(int port, Secret password) throws IOException;

  /** Returns whether the program that was started last takes connections. */
  boolean isReady(int port, Secret password, GuardedProcess process) throws IOException;
}
