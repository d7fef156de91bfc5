package dev.millrace.platform.embedded;

import dev.millrace.platform.settings.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Redis with an append-only file: a power failure costs at most the last second. */
final class RedisProgram implements StoreProgram {
  private final Path folder;
  private final Programs programs;

  /**
   * @param folder for data and configuration
   */
  RedisProgram(Path folder, Programs programs) {
    this.folder = folder;
    this.programs = programs;
  }

  @Override
  public String name() {
    return "redis";
  }

  @Override
  public String executable() {
    return programs.redis().getFileName().toString();
  }

  @Override
  public String alternative() {
    return "REDIS_URL";
  }

  @Override
  public int firstPort() {
    return 16_379;
  }

  @Override
  public String stopSignal() {
    return "TERM";
  }

  @Override
  public void prepare(Secret password, boolean passwordIsNew) throws IOException {
    PrivateFiles.folder(folder);
  }

  @Override
  public List<String> command(int port, Secret password) throws IOException {
    // In a file, since everybody can read a command line.
    var configuration = folder.resolve("redis.conf");
    PrivateFiles.write(
        configuration,
        """
        bind %s
        port %d
        requirepass %s
        dir "%s"
        daemonize no
        logfile ""
        appendonly yes
        appendfsync everysec
        save ""
        # A queue must refuse new jobs rather than forget old ones.
        maxmemory-policy noeviction
        """
            .formatted(EmbeddedStore.HOST, port, password.reveal(), folder));
    return List.of(programs.redis().toString(), configuration.toString());
  }

  @Override
  public boolean isReady(int port, Secret password, GuardedProcess process) {
    return RedisProbe.answers(EmbeddedStore.HOST, port, password);
  }
}
