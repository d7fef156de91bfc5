package dev.millrace.platform.embedded;

import dev.millrace.platform.settings.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** PostgreSQL with one role and one database, both {@code millrace}, by password only. */
final class PostgresProgram implements StoreProgram {
  static final String ROLE = "millrace";
  static final String DATABASE = "millrace";

  private static final Duration MAINTENANCE_LIMIT = Duration.ofMinutes(2);
  private static final String DRAFT = "data.new-";

  private final Path folder;
  private final Path data;
  private final Path log;
  private final Programs programs;
  private final UnprivilegedUser user;

  /**
   * @param folder for data
   * @param log gets what initdb and the like say
   */
  PostgresProgram(Path folder, Path log, Programs programs, UnprivilegedUser user) {
    this.folder = folder;
    this.data = folder.resolve("data");
    this.log = log;
    this.programs = programs;
    this.user = user;
  }

  @Override
  public String name() {
    return "postgres";
  }

  @Override
  public String executable() {
    return "postgres";
  }

  @Override
  public String alternative() {
    return "DATABASE_HOST";
  }

  @Override
  public int firstPort() {
    return 15_432;
  }

  /** INT is PostgreSQL's fast shutdown; TERM would wait for clients to leave. */
  @Override
  public String stopSignal() {
    return "INT";
  }

  @Override
  public void prepare(Secret password, boolean passwordIsNew) throws IOException {
    PrivateFiles.folder(folder);
    user.letReach(folder, programs.postgres());
    if (!Files.exists(data)) {
      create(password);
    } else {
      requireSameVersion();
      user.give(data);
      PostmasterFile.in(data).removeIfForeign();
      if (passwordIsNew) {
        sql(data, "ALTER ROLE " + ROLE + " PASSWORD '" + password.reveal() + "'");
      }
    }
  }

  @Override
  public List<String> command(int port, Secret password) {
    var command = new ArrayList<>(user.prefix());
    command.add(program("postgres"));
    command.addAll(List.of("-D", data.toString(), "-p", Integer.toString(port)));
    for (var setting :
        List.of(
            "listen_addresses=" + EmbeddedStore.HOST,
            "unix_socket_directories=",
            "max_connections=100",
            "shared_buffers=64MB",
            "timezone=UTC",
            "log_timezone=UTC",
            "log_checkpoints=off")) {
      command.addAll(List.of("-c", setting));
    }
    return command;
  }

  @Override
  public boolean isReady(int port, Secret password, GuardedProcess process) throws IOException {
    return PostmasterFile.in(data).saysReady(process);
  }

  /** Makes the cluster under another name, so that a crash never leaves half of one in place. */
  private void create(Secret password) throws IOException {
    PrivateFiles.deleteAll(folder, DRAFT);
    var draft = PrivateFiles.folder(folder.resolve(DRAFT + UUID.randomUUID()));
    var passwordFile = folder.resolve(DRAFT + "password");
    PrivateFiles.write(passwordFile, password.reveal());
    user.give(draft);
    user.give(passwordFile);
    run(
        List.of(
            program("initdb"),
            "--pgdata=" + draft,
            "--username=" + ROLE,
            "--pwfile=" + passwordFile,
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            // The same order and case rules on every machine, whatever its C library.
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8"));
    Files.delete(passwordFile);
    sql(draft, "CREATE DATABASE " + DATABASE);
    Files.move(draft, data, StandardCopyOption.ATOMIC_MOVE);
  }

  private void requireSameVersion() throws IOException {
    var wanted = Programs.POSTGRES_VERSION.replaceFirst("\\..*", "");
    var found = version();
    if (!found.equals(wanted)) {
      throw new EmbeddedStoreException(
          data
              + " was made by PostgreSQL "
              + found
              + ", and this is "
              + wanted
              + "; dump it with the old version and restore it, or move it away to begin anew");
    }
  }

  private String version() throws IOException {
    try {
      return Files.readString(data.resolve("PG_VERSION")).strip();
    } catch (NoSuchFileException e) {
      return "(no PG_VERSION)";
    }
  }

  /** Runs a statement while no server runs; from a file, since it may hold a password. */
  private void sql(Path cluster, String statement) throws IOException {
    var file = folder.resolve(DRAFT + "sql");
    PrivateFiles.write(file, statement + "\n");
    user.give(file);
    run(
        List.of(
            "sh",
            "-c",
            "from=$1; shift; exec \"$@\" <\"$from\"",
            "sql",
            file.toString(),
            program("postgres"),
            "--single",
            "-D",
            cluster.toString(),
            "-c",
            "exit_on_error=on",
            "postgres"));
    Files.delete(file);
  }

  private void run(List<String> command) throws IOException {
    var line = new ArrayList<>(user.prefix());
    line.addAll(command);
    try (var process = GuardedProcess.start(line, "INT", log)) {
      var exit = process.awaitExit(MAINTENANCE_LIMIT);
      if (!exit.equals(Optional.of(0))) {
        throw new EmbeddedStoreException(
            command.getFirst()
                + exit.map(code -> " ended with " + code).orElse(" did not end in time")
                + "; it said: "
                + LogTail.of(log));
      }
    }
  }

  private String program(String name) {
    return programs.postgres().resolve("bin").resolve(name).toString();
  }
}
