package dev.millrace.platform.settings;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The parts of REDIS_URL; user and password are percent-decoded. */
record RedisUrl(
    boolean tls,
    String host,
    int port,
    int database,
    @Nullable String username,
    @Nullable Secret password) {
  static final String ACCEPTED =
      "redis://[[user]:password@]host[:port][/database], or rediss:// for TLS, special characters"
          + " of user and password percent-encoded";

  static RedisUrl parse(String text) {
    var uri = URI.create(text);
    var scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    Syntax.require(scheme.equals("redis") || scheme.equals("rediss"), scheme);
    var host = uri.getHost();
    if (host == null) {
      throw new IllegalArgumentException("no host");
    }
    var login = uri.getRawUserInfo();
    var colon = login == null ? -1 : login.indexOf(':');
    // A login without a colon is a user name, as in every other URL.
    var username = login == null ? "" : decode(colon < 0 ? login : login.substring(0, colon));
    var password = login == null || colon < 0 ? "" : decode(login.substring(colon + 1));
    return new RedisUrl(
        scheme.equals("rediss"),
        host.replaceAll("^\\[|]$", ""),
        uri.getPort() < 0 ? 6379 : uri.getPort(),
        database(uri.getPath()),
        username.isEmpty() ? null : username,
        password.isEmpty() ? null : new Secret(password));
  }

  private static int database(@Nullable String path) {
    var number = path == null ? "" : path.replaceFirst("^/", "");
    return number.isEmpty() ? 0 : Syntax.integer(0, 65_535).parse(number);
  }

  private static String decode(String text) {
    // Unlike in a form, + stands for itself here.
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
