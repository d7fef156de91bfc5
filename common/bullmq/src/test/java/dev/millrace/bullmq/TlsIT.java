package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.testing.FreePort;
import dev.millrace.testing.RedisProcess;
import io.lettuce.core.RedisURI;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Encrypted connections, with and without a certificate of the client's own, and ACL users. */
class TlsIT {
  @TempDir private static Path folder;
  private static Certificates certificates;
  private static @Nullable RedisProcess server;
  private static int port;
  private static int strictPort;
  private static @Nullable RedisProcess strict;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    assumeTrue(
        SentinelProcess.onPath("openssl").isPresent(), "no openssl to make certificates with");
    assumeTrue(
        SentinelProcess.onPath("redis-server").isPresent(),
        "the embedded Redis has no TLS, and there is no other redis-server");
    certificates = Certificates.create(folder);
    port = FreePort.find();
    server = start(port, "no");
    strictPort = FreePort.find();
    strict = start(strictPort, "yes");
  }

  private static RedisProcess start(int tlsPort, String clientCertificates) {
    return RedisProcess.start(
        "--tls-port",
        Integer.toString(tlsPort),
        "--tls-cert-file",
        certificates.file("server.pem").toString(),
        "--tls-key-file",
        certificates.file("server.key").toString(),
        "--tls-ca-cert-file",
        certificates.file("ca.pem").toString(),
        "--tls-auth-clients",
        clientCertificates,
        "--user",
        "worker",
        "on",
        ">secret",
        "~bull:*",
        "&*",
        "+@all",
        "-@admin",
        "-info");
  }

  @AfterAll
  static void stop() {
    for (var process : new RedisProcess[] {server, strict}) {
      if (process != null) {
        process.close();
      }
    }
  }

  private static RedisConnections connect(int tlsPort, Tls tls, String credentials) {
    var uri = RedisURI.create("redis://%s127.0.0.1:%d".formatted(credentials, tlsPort));
    return RedisConnections.builder(Topology.of(uri)).tls(tls).connect();
  }

  private static void runsAJob(RedisConnections connections) {
    var queue = new Queue(connections, "tls", QueueOptions.DEFAULT);
    var worker = Worker.start(connections, "tls", _ -> "1", TestQueue.workerOptions().build());
    var id = queue.add("j", "{}").id();
    await().atMost(Duration.ofSeconds(10)).until(() -> queue.state(id) == JobState.COMPLETED);
    worker.close();
  }

  @Test
  void anAuthorityOfOnesOwnIsTrusted() {
    try (var connections = connect(port, Tls.trusting(certificates.file("ca.pem")), "")) {
      runsAJob(connections);
    }
  }

  @Test
  void anUnknownAuthorityIsNot() {
    try (var connections = connect(port, Tls.trustingJvm(), "")) {
      assertThat(connections.ping(Duration.ofSeconds(1))).isFalse();
      assertThatThrownBy(connections::shared)
          .isInstanceOf(RedisUnavailableException.class)
          .hasMessageContaining("Redis is away");
    }
  }

  @Test
  void aServerThatAsksGetsTheClientsCertificate() {
    var tls = Tls.trusting(certificates.file("ca.pem"));
    try (var without = connect(strictPort, tls, "")) {
      assertThat(without.ping(Duration.ofSeconds(1))).isFalse();
    }
    var mutual =
        tls.withCertificate(certificates.file("client.pem"), certificates.file("client.key"));
    try (var connections = connect(strictPort, mutual, "")) {
      runsAJob(connections);
    }
  }

  @Test
  void anAclUserNeedsNoMoreThanItsKeysAndNoAdministration() {
    var tls = Tls.trusting(certificates.file("ca.pem"));
    try (var connections = connect(port, tls, "worker:secret@")) {
      runsAJob(connections);
    }
    try (var wrong = connect(port, tls, "worker:wrong@")) {
      assertThat(wrong.ping(Duration.ofSeconds(1))).isFalse();
    }
  }
}
