package dev.millrace.flows.script;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.net.HttpFetcher;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What one script may ask of the host, question and answer being JSON: HTTP requests through the
 * guarded client, and what {@link ScriptFacts} knows. Everything asked is taken as hostile.
 *
 * <p>{@link #ask} belongs to the script's thread; requests run on virtual threads of their own.
 */
final class ScriptHost {
  private static final int AT_ONCE = 16;
  private static final int IN_ALL = 500;

  private final @Nullable HttpFetcher fetcher;
  private final Cancellation cancellation = new Cancellation();
  private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>(AT_ONCE);
  private final JsonMapper json = JsonMapper.shared();
  private int requests;
  private int open;

  /**
   * @param fetcher sends requests; null where there is no network
   */
  ScriptHost(@Nullable HttpFetcher fetcher) {
    this.fetcher = fetcher;
  }

  /** An answer to a request that was begun. */
  record Answer(int id, String json) {}

  /** Ends the requests under way; may be called by any thread. */
  void stop() {
    cancellation.cancel("the script has ended");
  }

  /** Tells whether requests are under way. */
  boolean isWaiting() {
    return open > 0;
  }

  /** Returns the next answer; null when none came in time. */
  @Nullable Answer next(long millis) throws InterruptedException {
    var answer = answers.poll(millis, TimeUnit.MILLISECONDS);
    if (answer != null) {
      open--;
    }
    return answer;
  }

  /** Answers a question at once; what went wrong is the member {@code error}. */
  String ask(String question) {
    try {
      if (!(json.readTree(question) instanceof ObjectNode asked)) {
        return error("the question is no object");
      }
      return asked.path("op").asString("").equals("fetch")
          ? json.createObjectNode().put("id", begin(asked)).toString()
          : ScriptFacts.answer(asked).toString();
    } catch (JacksonException | IllegalArgumentException e) {
      return error(String.valueOf(e.getMessage()));
    }
  }

  private int begin(ObjectNode asked) {
    var sender = fetcher;
    if (sender == null) {
      throw new IllegalArgumentException("functions have no network here; use an HTTP node");
    }
    if (open == AT_ONCE || requests == IN_ALL) {
      throw new IllegalArgumentException(
          "a function may send " + AT_ONCE + " requests at a time and " + IN_ALL + " in all");
    }
    var request = request(asked);
    var id = requests++;
    open++;
    Thread.ofVirtual()
        .name("script-fetch-", 0)
        .start(() -> {
          // There is a place for each: no more are open than the queue takes.
          var _ = answers.offer(new Answer(id, send(sender, request)));
        });
    return id;
  }

  private HttpFetcher.Request request(ObjectNode asked) {
    var headers = new ArrayList<Map.Entry<String, String>>();
    var typed = false;
    for (var header : asked.path("headers")) {
      var name = header.path(0).asString("");
      typed |= name.equalsIgnoreCase("content-type");
      // Both are the client's: an own Host would undo the guard of what names mean.
      if (!name.isEmpty()
          && !List.of("host", "content-length").contains(name.toLowerCase(Locale.ROOT))) {
        headers.add(Map.entry(name, header.path(1).asString("")));
      }
    }
    return new HttpFetcher.Request(
        asked.path("method").asString("GET"),
        asked.path("url").asString(""),
        headers,
        body(asked),
        typed ? null : asked.path("type").asString(null));
  }

  private static byte @Nullable [] body(JsonNode asked) {
    if (asked.path("base64").isString()) {
      return Base64.getDecoder().decode(asked.path("base64").asString());
    }
    return asked.path("text").isString() ? asked.path("text").asString().getBytes(UTF_8) : null;
  }

  private String send(HttpFetcher sender, HttpFetcher.Request request) {
    try {
      var response = sender.fetch(request, cancellation);
      var answer = json.createObjectNode();
      answer.put("status", response.status()).put("statusText", response.statusText());
      var headers = answer.putObject("headers");
      response.headers().forEach(headers::put);
      answer.put("text", new String(response.body(), UTF_8));
      if (!isText(response.body())) {
        answer.put("base64", Base64.getEncoder().encodeToString(response.body()));
      }
      return answer.toString();
    } catch (FlowException e) {
      return error(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      return error("the request could not be sent: " + e);
    }
  }

  private static boolean isText(byte[] body) {
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private String error(String message) {
    return json.createObjectNode().put("error", message).toString();
  }
}
