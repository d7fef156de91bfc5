package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.optional;
import static dev.millrace.platform.settings.Variable.withDefault;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where and how HTTP is answered.
 *
 * @param port of the API; 0 takes any free one
 * @param host the address to listen on
 * @param workerPort where a node that serves no requests answers health and metrics
 * @param bodyLimit bytes that a JSON or form body may have
 * @param corsOrigins origins in lower case that may call from a browser; {@code *} alone is any
 * @param corsAllowCredentials whether those may send cookies; false when any origin may call
 * @param iframeOrigins who may embed the pages: {@code *}, {@code 'self'}, {@code 'none'}, origins
 * @param appUrl the address under which users reach the server; null when it was not said
 * @param trustProxy whose forwarding headers are believed
 */
public record HttpSettings(
    int port,
    String host,
    int workerPort,
    long bodyLimit,
    List<String> corsOrigins,
    boolean corsAllowCredentials,
    List<String> iframeOrigins,
    @Nullable URI appUrl,
    TrustProxy trustProxy) {
  private static final Variable<Integer> PORT =
      withDefault("PORT", Syntax.port(), "3000", "Port of the API");
  private static final Variable<String> HOST =
      withDefault(
          "HOST",
          Syntax.text("an address of this machine"),
          "0.0.0.0",
          "Address to listen on; 0.0.0.0 is every interface");
  private static final Variable<Integer> WORKER_PORT =
      withDefault(
          "WORKER_PORT",
          Syntax.port(),
          "5566",
          "Port of health and metrics on a node that serves no requests");
  private static final Variable<Long> FLOWISE_FILE_SIZE_LIMIT =
      withDefault(
          "FLOWISE_FILE_SIZE_LIMIT",
          Syntax.bytes(),
          "50mb",
          "Largest JSON or form body of a request");
  private static final Variable<List<String>> CORS_ORIGINS =
      optional(
          "CORS_ORIGINS",
          Syntax.list("* or a comma list of origins"),
          "same origin only",
          "Origins whose pages may call the API");
  private static final Variable<Boolean> CORS_ALLOW_CREDENTIALS =
      withDefault(
          "CORS_ALLOW_CREDENTIALS",
          Syntax.bool(),
          "false",
          "Whether those pages may send cookies; never when CORS_ORIGINS is *");
  private static final Variable<List<String>> IFRAME_ORIGINS =
      withDefault(
          "IFRAME_ORIGINS",
          Syntax.list("*, 'self', 'none' or a comma list of origins"),
          "'self'",
          "Pages that may embed ours in a frame");
  private static final Variable<URI> APP_URL =
      optional(
          "APP_URL", Syntax.httpUrl(), "unknown", "Address under which users reach the server");
  private static final Variable<TrustProxy> TRUST_PROXY =
      withDefault(
          "TRUST_PROXY",
          Syntax.trustProxy(),
          "true",
          "Whose X-Forwarded headers are believed; set it when clients reach the server directly");

  static final List<Variable<?>> VARIABLES =
      List.of(
          PORT,
          HOST,
          WORKER_PORT,
          FLOWISE_FILE_SIZE_LIMIT,
          CORS_ORIGINS,
          CORS_ALLOW_CREDENTIALS,
          IFRAME_ORIGINS,
          APP_URL,
          TRUST_PROXY);

  public HttpSettings {
    corsOrigins = List.copyOf(corsOrigins);
    iframeOrigins = List.copyOf(iframeOrigins);
  }

  static HttpSettings read(Values values) {
    var given = values.find(CORS_ORIGINS);
    var origins =
        given == null
            ? List.<String>of()
            : given.stream().map(origin -> origin.toLowerCase(Locale.ROOT)).toList();
    var allowCredentials = values.get(CORS_ALLOW_CREDENTIALS) && !origins.contains("*");
    return new HttpSettings(
        values.get(PORT),
        values.get(HOST),
        values.get(WORKER_PORT),
        values.get(FLOWISE_FILE_SIZE_LIMIT),
        origins,
        allowCredentials,
        values.get(IFRAME_ORIGINS),
        values.find(APP_URL),
        values.get(TRUST_PROXY));
  }
}
