package dev.millrace.bullmq;

import io.lettuce.core.SslOptions;
import io.lettuce.core.SslVerifyMode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Encrypted connections, with certificates in PEM files.
 *
 * @param authorities the certificates that the server's may be signed with; null is those that the
 *     JVM trusts
 * @param certificate this client's own certificate, with its chain, for servers that ask for one
 * @param key the certificate's private key, PKCS#8
 * @param keyPassword what the key is encrypted with, or null
 * @param verification what is checked of the server's certificate: {@code FULL} also compares the
 *     host name, {@code CA} does not, {@code NONE} accepts any
 */
public record Tls(
    @Nullable Path authorities,
    @Nullable Path certificate,
    @Nullable Path key,
    @Nullable String keyPassword,
    SslVerifyMode verification) {
  public Tls {
    if ((certificate == null) != (key == null)) {
      throw new IllegalArgumentException(
          "a client certificate and its private key only work together; one of them is missing");
    }
  }

  /** Trusts what the JVM trusts. */
  public static Tls trustingJvm() {
    return new Tls(null, null, null, null, SslVerifyMode.FULL);
  }

  /** Trusts servers whose certificate was signed with one of those in the file. */
  public static Tls trusting(Path authorities) {
    return new Tls(authorities, null, null, null, SslVerifyMode.FULL);
  }

  /** Also shows a certificate of this client's own (mutual TLS). */
  public Tls withCertificate(Path value, Path itsKey) {
    return new Tls(authorities, value, itsKey, keyPassword, verification);
  }

  /** Checks less of the server's certificate. */
  public Tls withVerification(SslVerifyMode value) {
    return new Tls(authorities, certificate, key, keyPassword, value);
  }

  /** Does not show the password. */
  @Override
  public String toString() {
    return "Tls[authorities=%s, certificate=%s, verification=%s]"
        .formatted(authorities, certificate, verification);
  }

  SslOptions options() {
    var options = SslOptions.builder().jdkSslProvider();
    if (authorities != null) {
      options.trustManager(authorities.toFile());
    }
    if (certificate != null && key != null) {
      var password = keyPassword == null ? null : keyPassword.toCharArray();
      options.keyManager(
          certificate.toFile(), key.toFile(), password == null ? new char[0] : password);
    }
    return options.build();
  }
}
