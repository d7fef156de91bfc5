package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** An authority, and a server and a client that it vouches for, as PEM files in a folder. */
record Certificates(Path folder) {
  static Certificates create(Path folder) throws IOException, InterruptedException {
    var made = new Certificates(folder);
    made.openssl(
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem");
    made.sign("server", "subjectAltName=IP:127.0.0.1,DNS:localhost");
    made.sign("client", "extendedKeyUsage=clientAuth");
    return made;
  }

  Path file(String name) {
    return folder.resolve(name);
  }

  private void sign(String name, String extension) throws IOException, InterruptedException {
    openssl(
        "req -newkey rsa:2048 -nodes -subj /CN=%1$s -keyout %1$s.key -out %1$s.csr -addext %2$s"
            .formatted(name, extension));
    openssl(
        "x509 -req -in %1$s.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy -out %1$s.pem"
            .formatted(name));
  }

  private void openssl(String arguments) throws IOException, InterruptedException {
    var command = Stream.concat(Stream.of("openssl"), Stream.of(arguments.split(" "))).toList();
    var process =
        new ProcessBuilder(List.copyOf(command))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("openssl.log").toFile())
            .start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(arguments).isZero();
  }
}
