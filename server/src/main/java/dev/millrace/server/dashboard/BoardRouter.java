package dev.millrace.server.dashboard;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The routes of the dashboard's API. Ids hold slashes and colons, which arrive encoded; so paths
 * are taken apart before they are decoded, and decoded once. The first route that fits is taken.
 */
final class BoardRouter {
  private final List<Route> routes = new ArrayList<>();

  /** Answers a request; the result is JSON text, or empty for an answer without content. */
  @FunctionalInterface
  interface Handler {
    String handle(BoardCall call);
  }

  /** What to do, and with which parts of the path. */
  record Match(Route route, Map<String, String> path) {}

  /**
   * A route.
   *
   * @param name what the audit log calls it
   * @param changes whether it changes anything
   */
  record Route(
      String method, List<String> segments, String name, boolean changes, Handler handler) {}

  /** Adds a route that only reads. */
  void get(String path, Handler handler) {
    routes.add(new Route("GET", split(path), path, false, handler));
  }

  /**
   * Adds a route that changes something.
   *
   * @param path segments that begin with a colon stand for any text
   */
  void change(String method, String path, Handler handler) {
    routes.add(new Route(method, split(path), path, true, handler));
  }

  /**
   * Finds a route.
   *
   * @param rawPath as it was sent, without what all paths begin with
   * @throws BoardError when it is not encoded as it should be
   */
  Optional<Match> find(String method, String rawPath) {
    var segments = split(rawPath);
    for (var route : routes) {
      if (route.method().equals(method) && route.segments().size() == segments.size()) {
        var path = new HashMap<String, String>();
        if (fits(route.segments(), segments, path)) {
          return Optional.of(new Match(route, path));
        }
      }
    }
    return Optional.empty();
  }

  private static boolean fits(
      List<String> pattern, List<String> segments, Map<String, String> path) {
    for (var i = 0; i < pattern.size(); i++) {
      var expected = pattern.get(i);
      if (expected.startsWith(":")) {
        path.put(expected.substring(1), decode(segments.get(i)));
      } else if (!expected.equals(segments.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static List<String> split(String path) {
    return Arrays.asList(path.substring(1).split("/", -1));
  }

  /** Decodes what {@code encodeURIComponent} made; a plus is a plus. */
  static String decode(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw BoardError.invalid("INVALID_QUERY_PARAM").details("not well encoded: " + text);
    }
  }
}
