package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.optional;
import static dev.millrace.platform.settings.Variable.secret;
import static dev.millrace.platform.settings.Variable.withDefault;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The Redis to use; REDIS_URL is already taken apart.
 *
 * @param configured false when nothing names a server: the rest is then the default, localhost:6379
 * @param host name or address
 * @param port TCP port
 * @param database number, 0 unless REDIS_URL names another
 * @param username for AUTH; null for the default user
 * @param password for AUTH; null for none
 * @param tls whether the connection is encrypted; the server's certificate is then verified
 * @param cert PEM text of our certificate; null when the server asks for none
 * @param key PEM text of its key; null exactly when {@code cert} is
 * @param ca PEM text of the authority that signed the server's certificate; null for the JVM's
 * @param keepAlive idle time after which TCP probes the connection
 */
public record RedisSettings(
    boolean configured,
    String host,
    int port,
    int database,
    @Nullable String username,
    @Nullable Secret password,
    boolean tls,
    @Nullable String cert,
    @Nullable Secret key,
    @Nullable String ca,
    Duration keepAlive) {
  private static final String PEM = "the path of a PEM file, PEM text, or base64 of PEM text";

  private static final Variable<RedisUrl> REDIS_URL =
      secret(
          "REDIS_URL",
          new Syntax<>(RedisUrl.ACCEPTED, RedisUrl::parse),
          "see REDIS_HOST",
          "Redis server; wins over REDIS_HOST, _PORT, _USERNAME and _PASSWORD");
  private static final Variable<String> REDIS_HOST =
      withDefault(
          "REDIS_HOST",
          Syntax.text("a host name or address"),
          "localhost",
          "Redis server; with MODE=queue, no REDIS_* set and nothing on localhost:6379, an embedded"
              + " one runs");
  private static final Variable<Integer> REDIS_PORT =
      withDefault("REDIS_PORT", Syntax.port(), "6379", "Its port");
  private static final Variable<String> REDIS_USERNAME =
      optional("REDIS_USERNAME", Syntax.text("an ACL user"), "default user", "User to log in as");
  private static final Variable<Secret> REDIS_PASSWORD =
      secret(
          "REDIS_PASSWORD",
          Syntax.secret("the password of that user"),
          "none sent",
          "Its password");
  private static final Variable<Boolean> REDIS_TLS =
      withDefault(
          "REDIS_TLS",
          Syntax.bool(),
          "false",
          "Whether to encrypt; implied by rediss:// in REDIS_URL");
  private static final Variable<String> REDIS_CERT =
      secret(
          "REDIS_CERT",
          Syntax.text("").map(PEM, Pem::fromAnything),
          "none sent",
          "Our certificate, for a server that asks for one");
  private static final Variable<Secret> REDIS_KEY =
      secret(
          "REDIS_KEY",
          Syntax.text("").map(PEM, text -> new Secret(Pem.fromAnything(text))),
          "none sent",
          "The key of REDIS_CERT");
  private static final Variable<String> REDIS_CA =
      secret(
          "REDIS_CA",
          Syntax.text("").map(PEM, Pem::fromAnything),
          "the JVM's authorities",
          "Authority that signed the server's certificate");
  private static final Variable<Duration> REDIS_KEEP_ALIVE =
      withDefault(
          "REDIS_KEEP_ALIVE",
          Syntax.duration("ms", Duration.ofSeconds(1)),
          "15000",
          "Idle time after which TCP probes a connection");

  static final List<Variable<?>> VARIABLES =
      List.of(
          REDIS_URL,
          REDIS_HOST,
          REDIS_PORT,
          REDIS_USERNAME,
          REDIS_PASSWORD,
          REDIS_TLS,
          REDIS_CERT,
          REDIS_KEY,
          REDIS_CA,
          REDIS_KEEP_ALIVE);

  static RedisSettings read(Values values) {
    var configured =
        VARIABLES.stream().filter(v -> !v.equals(REDIS_KEEP_ALIVE)).anyMatch(values::isSet);
    // All are read even when the URL wins: a malformed one is an error in any case.
    var parts =
        new RedisUrl(
            values.get(REDIS_TLS),
            values.get(REDIS_HOST),
            values.get(REDIS_PORT),
            0,
            values.find(REDIS_USERNAME),
            values.find(REDIS_PASSWORD));
    var url = Objects.requireNonNullElse(values.find(REDIS_URL), parts);
    var cert = values.find(REDIS_CERT);
    var key = values.find(REDIS_KEY);
    requirePair(values, REDIS_CERT, REDIS_KEY);
    requirePair(values, REDIS_KEY, REDIS_CERT);
    return new RedisSettings(
        configured,
        url.host(),
        url.port(),
        url.database(),
        url.username(),
        url.password(),
        url.tls() || parts.tls(),
        cert,
        key,
        values.find(REDIS_CA),
        values.get(REDIS_KEEP_ALIVE));
  }

  private static void requirePair(Values values, Variable<?> one, Variable<?> other) {
    if (values.isSet(one) && !values.isSet(other)) {
      values.wrong(other, "is missing, though " + one.name() + " is set");
    }
  }
}
