package dev.millrace.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What {@link FakeModelServer} does with one call. */
public sealed interface ModelReply {
  /** Answers with a text, token by token when streamed, each token after a delay. */
  record Text(List<String> tokens, Duration delay) implements ModelReply {
    public Text {
      tokens = List.copyOf(tokens);
    }

    String whole() {
      return String.join("", tokens);
    }
  }

  /** Calls a function; a null name means the one that the request forces or offers first. */
  record Function(@Nullable String name, ObjectNode arguments) implements ModelReply {}

  /**
   * Says something and calls functions, which may not exist, with arguments that may not be JSON.
   *
   * @param text said before, may be ""
   */
  record Calls(String text, List<FunctionCall> calls) implements ModelReply {
    public Calls {
      calls = List.copyOf(calls);
    }
  }

  /** A function by name, and the arguments as the model wrote them. */
  record FunctionCall(String name, String arguments) {}

  /** Refuses with a status and a body. */
  record Failure(int status, String body) implements ModelReply {}

  /** Answers with whatever it is told, which need be no answer of a model. */
  record Raw(String contentType, String body) implements ModelReply {}

  /** Accepts the request and never answers. */
  record Hang() implements ModelReply {}

  /** Streams some tokens, each after a delay, and then is silent for ever. */
  record Stall(List<String> tokens, Duration delay) implements ModelReply {
    public Stall {
      tokens = List.copyOf(tokens);
    }
  }

  /** Streams some tokens and then cuts the connection. */
  record Disconnect(List<String> tokens) implements ModelReply {
    public Disconnect {
      tokens = List.copyOf(tokens);
    }
  }

  /** Returns a text whose tokens are its words, each with the blank after it. */
  static ModelReply text(String text) {
    return new Text(List.of(text.split("(?<= )")), Duration.ZERO);
  }

  /** Returns {@code t0 t1 … } of that many tokens. */
  static Text tokens(int count, Duration delay) {
    return new Text(IntStream.range(0, count).mapToObj(i -> "t" + i + " ").toList(), delay);
  }

  /** Returns calls of functions: name, arguments, name, arguments, …. */
  static ModelReply calls(String... namesAndArguments) {
    var calls = new ArrayList<FunctionCall>();
    for (var i = 0; i < namesAndArguments.length; i += 2) {
      calls.add(new FunctionCall(namesAndArguments[i], namesAndArguments[i + 1]));
    }
    return new Calls("", calls);
  }

  /** Returns a call of the forced function with these arguments. */
  static ModelReply json(ObjectNode arguments) {
    return new Function(null, arguments);
  }

  /** Returns a refusal in OpenAI's form, with the message "fake failure". */
  static ModelReply failure(int status) {
    return new Failure(
        status, "{\"error\":{\"message\":\"fake failure\",\"type\":\"fake\",\"code\":null}}");
  }

  /**
   * Reads an entry of a golden script: a string, {@code {"json":…}} or {@code {"tool":{"name":…,
   * "args":…}}}.
   */
  static ModelReply parse(JsonNode entry) {
    if (entry.get("json") instanceof ObjectNode arguments) {
      return json(arguments);
    }
    if (entry.get("tool") instanceof ObjectNode tool) {
      var arguments =
          tool.get("args") instanceof ObjectNode object
              ? object
              : JsonMapper.shared().createObjectNode();
      return new Function(tool.path("name").asString(), arguments);
    }
    if (entry.isString()) {
      return text(entry.asString());
    }
    throw new IllegalArgumentException("not a scripted answer: " + entry);
  }

  /**
   * Reads a question that says how it wants to be answered, as the captures' ones do: {@code
   * tokens=5 delay=10} (milliseconds), {@code fail=401}, {@code hang}.
   *
   * @return null when it says nothing of that kind
   */
  static @Nullable ModelReply asked(String question) {
    var fail = Asked.FAIL.matcher(question);
    if (fail.find()) {
      return failure(Integer.parseInt(fail.group(1)));
    }
    if (question.strip().equals("hang")) {
      return new Hang();
    }
    var tokens = Asked.TOKENS.matcher(question);
    if (!tokens.find()) {
      return null;
    }
    var delay = Asked.DELAY.matcher(question);
    return tokens(
        Integer.parseInt(tokens.group(1)),
        Duration.ofMillis(delay.find() ? Long.parseLong(delay.group(1)) : 0));
  }

  /** The patterns of {@link #asked}. */
  final class Asked {
    private static final Pattern TOKENS = Pattern.compile("\\btokens=(\\d{1,7})\\b");
    private static final Pattern DELAY = Pattern.compile("\\bdelay=(\\d{1,7})\\b");
    private static final Pattern FAIL = Pattern.compile("\\bfail=([45]\\d\\d)\\b");

    private Asked() {}
  }
}
