package dev.millrace.platform.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testing.FreePort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A Redis that speaks TLS only, with certificates of an authority made for it. */
final class TlsRedis implements AutoCloseable {
  private final Path folder;
  private final int port;
  private final Process process;

  private TlsRedis(Path folder, int port, Process process) {
    this.folder = folder;
    this.port = port;
    this.process = process;
  }

  /**
   * @param askForCertificate whether clients must show one of the same authority
   */
  static TlsRedis start(Path folder, boolean askForCertificate) throws IOException {
    makeCertificates(folder);
    var port = FreePort.find();
    var process =
        new ProcessBuilder(
                "redis-server",
                "--port",
                "0",
                "--tls-port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--tls-cert-file",
                "server.pem",
                "--tls-key-file",
                "server.key",
                "--tls-ca-cert-file",
                "ca.pem",
                "--tls-auth-clients",
                askForCertificate ? "yes" : "no",
                "--requirepass",
                "pw",
                "--save",
                "")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    return new TlsRedis(folder, port, process);
  }

  /** Returns whether this machine's redis-server can TLS and openssl can make certificates. */
  static boolean isPossible() {
    return succeeds(
        Path.of("/tmp"), "openssl version && ldd $(command -v redis-server) | grep -q libssl");
  }

  int port() {
    return port;
  }

  Path file(String name) {
    return folder.resolve(name);
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }

  private static void makeCertificates(Path folder) {
    var script =
        """
        set -e
        openssl req -x509 -newkey rsa:2048 -nodes -days 1 -keyout ca.key -out ca.pem -subj /CN=ca
        for name in server client; do
          openssl req -newkey rsa:2048 -nodes -keyout $name.key -out $name.csr -subj /CN=$name
          echo subjectAltName=DNS:localhost > $name.ext
          openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 \
            -extfile $name.ext -out $name.pem
        done
        """;
    assertThat(succeeds(folder, script)).as("openssl makes certificates").isTrue();
  }

  private static boolean succeeds(Path folder, String script) {
    try {
      var process =
          new ProcessBuilder("sh", "-c", script)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
