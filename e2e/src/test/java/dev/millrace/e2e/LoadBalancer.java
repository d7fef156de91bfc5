package dev.millrace.e2e;

import dev.millrace.testing.Folders;
import dev.millrace.testing.FreePort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;

/** An nginx before several servers, as docs/operations.md describes it. */
final class LoadBalancer implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/sbin/nginx");

  private final Path folder;
  private final Process process;
  private final int port;

  private LoadBalancer(Path folder, Process process, int port) {
    this.folder = folder;
    this.process = process;
    this.port = port;
  }

  /** Starts one; the test is skipped where nginx is not installed. */
  static LoadBalancer start(List<Integer> servers) throws IOException, InterruptedException {
    Assumptions.assumeTrue(
        Files.isExecutable(PROGRAM), "needs nginx (Debian: apt-get install nginx-light)");
    var folder = Files.createTempDirectory("millrace-nginx-");
    var port = FreePort.find();
    var config = Files.writeString(folder.resolve("nginx.conf"), config(folder, port, servers));
    var process =
        new ProcessBuilder(
                PROGRAM.toString(),
                "-p",
                folder.toString(),
                "-c",
                config.toString(),
                "-e",
                "stderr")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("nginx.log").toFile())
            .start();
    var balancer = new LoadBalancer(folder, process, port);
    balancer.awaitUp();
    return balancer;
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    Folders.deleteTree(folder);
  }

  private void awaitUp() throws IOException, InterruptedException {
    var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (true) {
      try (var socket = new Socket()) {
        socket.connect(new InetSocketAddress("127.0.0.1", port), 200);
        return;
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          throw new AssertionError(
              "nginx did not come up: " + Files.readString(folder.resolve("nginx.log")), e);
        }
        // Polls a process from outside; there is nothing to be notified by.
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
  }

  private static String config(Path folder, int port, List<Integer> servers) {
    var backends =
        servers.stream()
            .map(server -> "server 127.0.0.1:" + server + ";")
            .collect(Collectors.joining(" "));
    // As root, nginx's workers would be another user that cannot enter the folder.
    var user = System.getProperty("user.name").equals("root") ? "user root;" : "";
    return """
    %s
    daemon off;
    worker_processes 1;
    pid %s/nginx.pid;
    events { worker_connections 512; }
    http {
      access_log off;
      client_body_temp_path %s/body;
      proxy_temp_path %s/proxy;
      fastcgi_temp_path %s/fastcgi;
      uwsgi_temp_path %s/uwsgi;
      scgi_temp_path %s/scgi;
      upstream millrace { %s }
      server {
        listen 127.0.0.1:%d;
        location / {
          proxy_pass http://millrace;
          proxy_http_version 1.1;
          proxy_set_header Connection "";
          proxy_buffering off;
          proxy_read_timeout 1h;
        }
      }
    }
    """
        .formatted(user, folder, folder, folder, folder, folder, folder, backends, port);
  }
}
