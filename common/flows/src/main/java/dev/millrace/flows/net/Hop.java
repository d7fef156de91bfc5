package dev.millrace.flows.net;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import okhttp3.Credentials;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** One request of a chain of redirects, and how the next follows from its answer. */
record Hop(String method, HttpUrl url, Headers headers, @Nullable RequestBody body) {
  /** What may follow to another origin: any other header may be somebody's key. */
  private static final Set<String> HARMLESS =
      Set.of("accept", "accept-language", "content-type", "content-language", "user-agent");

  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  /** A line break in a value would begin another header. */
  private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x08\\x0a-\\x1f\\x7f]");

  private static final Set<String> NEED_BODY = Set.of("POST", "PUT", "PATCH");

  static Hop first(HttpFetcher.Request request) {
    var url = HttpUrl.parse(request.url());
    if (url == null) {
      throw new FetchException(
          "'" + request.url() + "' is not an absolute http or https address", null);
    }
    var method = request.method().toUpperCase(Locale.ROOT);
    var headers = headers(request, url);
    return new Hop(method, url, headers, body(method, request));
  }

  /**
   * Returns the request that an answer redirects to, or null when it redirects to nowhere.
   *
   * <p>301, 302 and 303 turn POST, PUT and PATCH into GET, as Flowise does; 307 and 308 repeat the
   * request. Headers that may be credentials do not follow to another origin.
   */
  @Nullable Hop next(Response answer) {
    var location = answer.header("Location");
    var next = location == null ? null : url.resolve(location);
    if (next == null) {
      return null;
    }
    return switch (answer.code()) {
      case 301, 302, 303 ->
          NEED_BODY.contains(method)
              ? new Hop("GET", next, without(carried(next), "content-"), null)
              : new Hop(method, next, carried(next), body);
      case 307, 308 -> new Hop(method, next, carried(next), body);
      default -> null;
    };
  }

  Request toRequest() {
    return new Request.Builder().url(url).headers(headers).method(method, body).build();
  }

  /** Returns the address without what may be secret: user, query and fragment. */
  String where() {
    return method + " " + describe(url);
  }

  static String describe(HttpUrl url) {
    return url.newBuilder().username("").password("").query(null).fragment(null).build().toString();
  }

  private Headers carried(HttpUrl next) {
    var sameOrigin =
        next.scheme().equals(url.scheme())
            && next.host().equals(url.host())
            && next.port() == url.port();
    if (sameOrigin) {
      return headers;
    }
    var kept = new Headers.Builder();
    for (var header : headers) {
      if (HARMLESS.contains(header.getFirst().toLowerCase(Locale.ROOT))) {
        kept.addUnsafeNonAscii(header.getFirst(), header.getSecond());
      }
    }
    return kept.build();
  }

  private static Headers without(Headers headers, String prefix) {
    var kept = headers.newBuilder();
    for (var name : headers.names()) {
      if (name.toLowerCase(Locale.ROOT).startsWith(prefix)) {
        kept.removeAll(name);
      }
    }
    return kept.build();
  }

  private static Headers headers(HttpFetcher.Request request, HttpUrl url) {
    var headers = new Headers.Builder();
    for (Map.Entry<String, String> header : request.headers()) {
      var value = header.getValue().strip();
      if (!TOKEN.matcher(header.getKey().strip()).matches() || CONTROL.matcher(value).find()) {
        // Without the value, which may be a key.
        throw new FetchException(
            "the header '" + header.getKey() + "' has a character that HTTP does not permit", null);
      }
      headers.addUnsafeNonAscii(header.getKey().strip(), value);
    }
    if (!url.username().isEmpty() && headers.get("Authorization") == null) {
      headers.set("Authorization", Credentials.basic(url.username(), url.password()));
    }
    return headers.build();
  }

  private static @Nullable RequestBody body(String method, HttpFetcher.Request request) {
    var bytes = request.body();
    if (method.equals("GET") || method.equals("HEAD")) {
      return null;
    }
    if (bytes == null) {
      return NEED_BODY.contains(method) ? RequestBody.create(new byte[0]) : null;
    }
    var type = request.contentType();
    return RequestBody.create(bytes, type == null ? null : MediaType.parse(type));
  }
}
