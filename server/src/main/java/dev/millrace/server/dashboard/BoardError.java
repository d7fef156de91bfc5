package dev.millrace.server.dashboard;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A request that is answered with an error: a status, and a key that the pages translate ({@code
 * ERRORS.…} of bull-board's contract). Immutable but for its stack trace.
 */
public final class BoardError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String key;
  private final transient Map<String, Object> options = new LinkedHashMap<>();
  private @Nullable String details;
  private @Nullable String detailsKey;
  private @Nullable String code;
  private @Nullable String schedulerId;

  /**
   * @param key without its prefix, e.g. {@code JOB_NOT_FOUND}
   */
  public BoardError(int status, String key) {
    super(key);
    this.status = status;
    this.key = key;
  }

  public static BoardError jobNotFound() {
    return new BoardError(404, "JOB_NOT_FOUND");
  }

  static BoardError queueNotFound() {
    return new BoardError(404, "QUEUE_NOT_FOUND");
  }

  /** The request itself is not what the contract says. */
  static BoardError invalid(String key) {
    return new BoardError(400, key).code("INVALID_REQUEST");
  }

  static BoardError invalidQuery(String field) {
    return invalid("INVALID_QUERY_PARAM").option("field", field);
  }

  static BoardError invalidBody(String field) {
    return invalid("INVALID_REQUEST_BODY").option("field", field);
  }

  /** Adds a value that the translation mentions. */
  public BoardError option(String name, Object value) {
    options.put(name, value);
    return this;
  }

  /** Says more in words, which are not translated. */
  public BoardError details(@Nullable String text) {
    details = text;
    return this;
  }

  /** Says more with a key, without its prefix, and the same values. */
  BoardError detailsKey(String value) {
    detailsKey = value;
    return this;
  }

  BoardError code(String value) {
    code = value;
    return this;
  }

  BoardError schedulerId(String value) {
    schedulerId = value;
    return this;
  }

  public int status() {
    return status;
  }

  public String key() {
    return key;
  }

  String toJson(JsonMapper json) {
    var body = json.createObjectNode();
    var error = body.putObject("error").put("key", "ERRORS." + key);
    if (!options.isEmpty() && detailsKey == null) {
      error.set("options", json.valueToTree(options));
    }
    if (detailsKey != null) {
      var message = body.putObject("message").put("key", "ERRORS." + detailsKey);
      if (!options.isEmpty()) {
        message.set("options", json.valueToTree(options));
      }
    } else if (details != null) {
      body.put("message", details);
    }
    if (code != null) {
      body.put("code", code);
    }
    if (schedulerId != null) {
      body.put("jobSchedulerId", schedulerId);
    }
    return body.toString();
  }
}
