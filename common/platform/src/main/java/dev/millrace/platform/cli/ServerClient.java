package dev.millrace.platform.cli;

import dev.millrace.flows.model.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Talks to the API of a Millrace or Flowise server. */
final class ServerClient {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final String server;
  private final String key;

  private ServerClient(String server, String key) {
    this.server = server.replaceFirst("/+$", "");
    this.key = key;
  }

  /**
   * Returns a client.
   *
   * @param key null for that of the environment, or the one that a server on this machine left in
   *     its data folder
   */
  static ServerClient of(String server, @Nullable String key) {
    if (key != null) {
      return new ServerClient(server, key);
    }
    var given = System.getenv("MILLRACE_API_KEY");
    if (given != null && !given.isBlank()) {
      return new ServerClient(server, given);
    }
    var home = System.getenv("MILLRACE_HOME");
    var folder =
        home == null ? Path.of(System.getProperty("user.home"), ".millrace") : Path.of(home);
    try {
      return new ServerClient(server, Files.readString(folder.resolve("admin-api-key")).strip());
    } catch (IOException e) {
      throw new CliException(
          "an API key is needed: give --key, set MILLRACE_API_KEY, or run this where the server"
              + " keeps its data ("
              + folder
              + ")",
          e);
    }
  }

  /**
   * Sends a request.
   *
   * @return the answer
   * @throws CliException when the server is not there, or says no
   */
  JsonNode send(String method, String path, @Nullable JsonNode body) {
    try (var http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create(server + path))
              .timeout(LIMIT)
              .header("Authorization", "Bearer " + key)
              .header("Content-Type", "application/json")
              .method(
                  method,
                  body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body.toString()))
              .build();
      var answer = http.send(request, BodyHandlers.ofString());
      var json = Json.readOrMissing(answer.body());
      if (answer.statusCode() >= 300) {
        var message = json.path("message").asString(json.path("error").asString(answer.body()));
        throw new CliException(server + path + " answered " + answer.statusCode() + ": " + message);
      }
      return json;
    } catch (IOException e) {
      throw new CliException(server + " does not answer: " + e, e);
    } catch (IllegalArgumentException e) {
      throw new CliException(server + " is no address of a server: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException("interrupted", e);
    }
  }
}
