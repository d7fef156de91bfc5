package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.optional;
import static dev.millrace.platform.settings.Variable.secret;
import static dev.millrace.platform.settings.Variable.withDefault;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The PostgreSQL to use.
 *
 * @param configured false when nothing names a server: host, name and user are then placeholders,
 *     and the embedded one is meant
 * @param host name or address
 * @param port TCP port
 * @param name of the database
 * @param user role to log in as
 * @param password null when none is sent
 * @param ssl whether the connection is encrypted
 * @param sslCa PEM text of the authority that signed the server's certificate; null for the JVM's
 * @param rejectUnauthorized whether a certificate that {@code sslCa} did not sign is refused; says
 *     nothing when {@code sslCa} is null
 * @param poolSize connections that this process may hold
 */
public record DatabaseSettings(
    boolean configured,
    String host,
    int port,
    String name,
    String user,
    @Nullable Secret password,
    boolean ssl,
    @Nullable String sslCa,
    boolean rejectUnauthorized,
    int poolSize) {
  private static final Variable<String> DATABASE_TYPE =
      withDefault(
          "DATABASE_TYPE",
          Syntax.text("")
              .map(
                  "postgres; there is no sqlite, mysql or mariadb: leave all DATABASE_* unset for"
                      + " the embedded PostgreSQL, or name a PostgreSQL server",
                  type -> Syntax.require(type.equals("postgres"), type)),
          "postgres",
          "Kind of database");
  private static final Variable<String> DATABASE_HOST =
      withDefault(
          "DATABASE_HOST",
          Syntax.text("a host name or address"),
          "localhost",
          "PostgreSQL server; an embedded one runs when host, port, user, password and name are"
              + " all unset");
  private static final Variable<Integer> DATABASE_PORT =
      withDefault("DATABASE_PORT", Syntax.port(), "5432", "Its port");
  private static final Variable<String> DATABASE_USER =
      optional(
          "DATABASE_USER",
          Syntax.text("a role; needed when a server is named"),
          "embedded",
          "Role to log in as");
  private static final Variable<Secret> DATABASE_PASSWORD =
      secret(
          "DATABASE_PASSWORD",
          Syntax.secret("the password of that role"),
          "none sent",
          "Its password");
  private static final Variable<String> DATABASE_NAME =
      optional(
          "DATABASE_NAME",
          Syntax.text("a database; needed when a server is named"),
          "embedded",
          "Database to use; may be one that Flowise made");
  private static final Variable<Boolean> DATABASE_SSL =
      withDefault("DATABASE_SSL", Syntax.bool(), "false", "Whether to encrypt the connection");
  private static final Variable<String> DATABASE_SSL_KEY_BASE64 =
      secret(
          "DATABASE_SSL_KEY_BASE64",
          Syntax.text("").map("base64 of a PEM certificate", Pem::fromBase64),
          "the JVM's authorities",
          "Authority of the server's certificate; turns encryption on");
  private static final Variable<Boolean> DATABASE_REJECT_UNAUTHORIZED =
      withDefault(
          "DATABASE_REJECT_UNAUTHORIZED",
          Syntax.bool(),
          "false",
          "With DATABASE_SSL_KEY_BASE64, refuse a certificate of another authority");
  private static final Variable<Integer> DATABASE_POOL_SIZE =
      withDefault(
          "DATABASE_POOL_SIZE",
          Syntax.integer(1, 1000),
          "10",
          "Connections that each process may hold");

  static final List<Variable<?>> VARIABLES =
      List.of(
          DATABASE_TYPE,
          DATABASE_HOST,
          DATABASE_PORT,
          DATABASE_USER,
          DATABASE_PASSWORD,
          DATABASE_NAME,
          DATABASE_SSL,
          DATABASE_SSL_KEY_BASE64,
          DATABASE_REJECT_UNAUTHORIZED,
          DATABASE_POOL_SIZE);

  static DatabaseSettings read(Values values) {
    values.get(DATABASE_TYPE);
    var configured =
        List.of(DATABASE_HOST, DATABASE_PORT, DATABASE_USER, DATABASE_PASSWORD, DATABASE_NAME)
            .stream()
            .anyMatch(values::isSet);
    var ca = values.find(DATABASE_SSL_KEY_BASE64);
    return new DatabaseSettings(
        configured,
        values.get(DATABASE_HOST),
        values.get(DATABASE_PORT),
        needed(values, DATABASE_NAME, configured),
        needed(values, DATABASE_USER, configured),
        values.find(DATABASE_PASSWORD),
        values.get(DATABASE_SSL) || ca != null,
        ca,
        values.get(DATABASE_REJECT_UNAUTHORIZED),
        values.get(DATABASE_POOL_SIZE));
  }

  private static String needed(Values values, Variable<String> variable, boolean configured) {
    var value = values.find(variable);
    if (value == null && configured) {
      values.wrong(variable, "is missing, though other DATABASE_* variables name a server");
    }
    return value == null ? "" : value;
  }
}
