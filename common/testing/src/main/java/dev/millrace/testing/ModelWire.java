package dev.millrace.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Writes one answer in the form of OpenAI's chat completions, whole or as a stream. */
final class ModelWire {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final ModelConnection connection;
  private final ModelRequest request;
  private final String model;
  private final int promptTokens;
  private final int completionTokens;

  ModelWire(
      ModelConnection connection,
      ModelRequest request,
      String model,
      int promptTokens,
      int completionTokens) {
    this.connection = connection;
    this.request = request;
    this.model = model;
    this.promptTokens = promptTokens;
    this.completionTokens = completionTokens;
  }

  void text(ModelReply.Text text) throws IOException {
    if (!request.stream()) {
      pause(text.delay().multipliedBy(text.tokens().size()));
      whole(JSON.createObjectNode().put("content", text.whole()), "stop");
      return;
    }
    connection.startStream();
    tokens(text.tokens(), text.delay());
    end("stop");
  }

  void function(String name, ObjectNode arguments) throws IOException {
    var call = JSON.createObjectNode().put("index", 0).put("id", "call_1").put("type", "function");
    call.putObject("function").put("name", name).put("arguments", arguments.toString());
    var message = JSON.createObjectNode().putNull("content");
    message.putArray("tool_calls").add(call);
    if (!request.stream()) {
      whole(message, "tool_calls");
      return;
    }
    connection.startStream();
    chunk(message.put("role", "assistant"), null);
    end("tool_calls");
  }

  /** Calls functions; a stream brings the arguments in two pieces each. */
  void calls(ModelReply.Calls reply) throws IOException {
    if (!request.stream()) {
      var message = JSON.createObjectNode().put("content", reply.text());
      var all = message.putArray("tool_calls");
      for (var i = 0; i < reply.calls().size(); i++) {
        all.add(call(i, reply.calls().get(i).name(), reply.calls().get(i).arguments()));
      }
      whole(message, "tool_calls");
      return;
    }
    connection.startStream();
    chunk(JSON.createObjectNode().put("role", "assistant").put("content", reply.text()), null);
    for (var i = 0; i < reply.calls().size(); i++) {
      var called = reply.calls().get(i);
      var half = called.arguments().length() / 2;
      piece(call(i, called.name(), called.arguments().substring(0, half)));
      var rest = JSON.createObjectNode().put("index", i);
      rest.putObject("function").put("arguments", called.arguments().substring(half));
      piece(rest);
    }
    end("tool_calls");
  }

  private static ObjectNode call(int index, String name, String arguments) {
    var call =
        JSON.createObjectNode()
            .put("index", index)
            .put("id", "call_" + (index + 1))
            .put("type", "function");
    call.putObject("function").put("name", name).put("arguments", arguments);
    return call;
  }

  private void piece(ObjectNode call) throws IOException {
    var delta = JSON.createObjectNode();
    delta.putArray("tool_calls").add(call);
    chunk(delta, null);
  }

  /** Starts a stream and leaves it open. */
  void beginning(List<String> tokens, Duration delay) throws IOException {
    connection.startStream();
    tokens(tokens, delay);
    connection.flush();
  }

  private void tokens(List<String> tokens, Duration delay) throws IOException {
    chunk(JSON.createObjectNode().put("role", "assistant").put("content", ""), null);
    for (var token : tokens) {
      if (delay.isPositive()) {
        connection.flush();
        pause(delay);
      }
      chunk(JSON.createObjectNode().put("content", token), null);
    }
  }

  private void end(String finishReason) throws IOException {
    chunk(JSON.createObjectNode(), finishReason);
    if (request.wantsUsage()) {
      var last = frame("chat.completion.chunk");
      last.putArray("choices");
      last.set("usage", usage());
      connection.event(last.toString());
    }
    connection.event("[DONE]");
    connection.endStream();
  }

  private void chunk(ObjectNode delta, @Nullable String finishReason) throws IOException {
    var chunk = frame("chat.completion.chunk");
    var choice = chunk.putArray("choices").addObject().put("index", 0);
    choice.set("delta", delta);
    choice.put("finish_reason", finishReason);
    connection.event(chunk.toString());
  }

  private void whole(ObjectNode message, String finishReason) throws IOException {
    var body = frame("chat.completion");
    var choice = body.putArray("choices").addObject().put("index", 0);
    choice.set("message", message.put("role", "assistant"));
    choice.put("finish_reason", finishReason);
    body.set("usage", usage());
    connection.answer(200, "application/json", body.toString().getBytes(UTF_8));
  }

  private ObjectNode frame(String kind) {
    return JSON.createObjectNode()
        .put("id", "chatcmpl-fake")
        .put("object", kind)
        .put("created", 0)
        .put("model", model);
  }

  private ObjectNode usage() {
    return JSON.createObjectNode()
        .put("prompt_tokens", promptTokens)
        .put("completion_tokens", completionTokens)
        .put("total_tokens", promptTokens + completionTokens);
  }

  /** The delay between tokens is the thing that is faked here, not a wait for a condition. */
  private static void pause(Duration delay) {
    var deadline = System.nanoTime() + delay.toNanos();
    for (var left = delay.toNanos(); left > 0; left = deadline - System.nanoTime()) {
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
      LockSupport.parkNanos(left);
    }
  }
}
