package dev.millrace.platform.plugins;

import static java.util.Comparator.comparing;
import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a plugin answers under {@code /api/v1/plugins/<plugin>}. */
public final class PluginRoutes {
  /** Earlier literal segments first. */
  private static final Comparator<Route> LITERAL_FIRST =
      comparing(route ->
          route.path().stream().map(part -> isParameter(part) ? "1" : "0").collect(joining()));

  private final List<Route> routes = new ArrayList<>();

  /** Answers a request, on a virtual thread of its own. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Answers.
     *
     * @throws IllegalArgumentException answers 400 with its message
     * @throws Exception answers 500; the log has the details
     */
    Response handle(Request request) throws Exception;
  }

  /**
   * A request.
   *
   * @param path below the plugin's
   * @param parameters of the path, by name
   * @param query by name, the first of several
   * @param body at most FLOWISE_FILE_SIZE_LIMIT
   * @param workspace of the API key; null on open routes without one
   */
  public record Request(
      String method,
      String path,
      Map<String, String> parameters,
      Map<String, String> query,
      byte[] body,
      @Nullable String workspace) {}

  /**
   * An answer.
   *
   * @param type its media type
   */
  public record Response(int status, String type, byte[] body) {
    public static Response json(JsonNode body) {
      return json(200, body);
    }

    public static Response json(int status, JsonNode body) {
      return new Response(
          status,
          "application/json; charset=utf-8",
          body.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * A route.
   *
   * @param open whether it needs no API key
   */
  record Route(String method, List<String> path, boolean open, Handler handler) {}

  /** A route that suits a request. */
  public record Match(boolean open, Handler handler, Map<String, String> parameters) {}

  PluginRoutes() {}

  /**
   * Adds a route for callers with an API key.
   *
   * @param method GET, POST, …
   * @param path begins with a slash; {@code {name}} stands for one segment, and gives way to a
   *     route that has the segment itself
   */
  public PluginRoutes add(String method, String path, Handler handler) {
    return add(method, path, false, handler);
  }

  /** Adds a route for everybody. */
  public PluginRoutes addOpen(String method, String path, Handler handler) {
    return add(method, path, true, handler);
  }

  private PluginRoutes add(String method, String path, boolean open, Handler handler) {
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("a route's path begins with a slash, not " + path);
    }
    routes.add(new Route(method, segments(path), open, handler));
    return this;
  }

  /** Returns the route that suits; of several the one whose path is the more literal. */
  Optional<Match> find(String method, String path) {
    var asked = segments(path);
    return routes.stream()
        .filter(route -> route.method().equals(method) && match(route.path(), asked) != null)
        .min(LITERAL_FIRST)
        .map(route -> new Match(route.open(), route.handler(), parameters(route.path(), asked)));
  }

  private static Map<String, String> parameters(List<String> pattern, List<String> path) {
    return requireNonNull(match(pattern, path));
  }

  private static @Nullable Map<String, String> match(List<String> pattern, List<String> path) {
    if (pattern.size() != path.size()) {
      return null;
    }
    var parameters = new HashMap<String, String>();
    for (var i = 0; i < path.size(); i++) {
      var part = pattern.get(i);
      if (isParameter(part)) {
        parameters.put(part.substring(1, part.length() - 1), path.get(i));
      } else if (!part.equals(path.get(i))) {
        return null;
      }
    }
    return parameters;
  }

  private static boolean isParameter(String part) {
    return part.startsWith("{") && part.endsWith("}");
  }

  private static List<String> segments(String path) {
    return List.of(path.split("/", -1)).stream().filter(part -> !part.isEmpty()).toList();
  }
}
