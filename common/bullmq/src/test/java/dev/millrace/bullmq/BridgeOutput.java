package dev.millrace.bullmq;

import java.io.PrintStream;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes frames, one a line. Thread-safe. */
final class BridgeOutput {
  /** Node's classes know by this text that a call failed because the connection did. */
  private static final String CONNECTION_CLOSED = "Connection is closed.";

  private final PrintStream out;
  private final ReentrantLock writing = new ReentrantLock();

  BridgeOutput(PrintStream out) {
    this.out = out;
  }

  void ready() {
    write(Json.object().put("ready", true));
  }

  void result(JsonNode id, @Nullable JsonNode result) {
    var reply = Json.object();
    reply.set("id", id);
    reply.put("ok", true);
    reply.set("result", result);
    write(reply);
  }

  void error(JsonNode id, Throwable thrown) {
    var reply = Json.object();
    reply.set("id", id);
    var error = reply.put("ok", false).putObject("error");
    var cause = RedisErrors.unwrap(thrown);
    switch (cause) {
      case JobOperationException refusal ->
          error
              .put("code", refusal.code())
              .put("message", refusal.getMessage())
              .put("name", refusal.code() == -9 ? "UnrecoverableError" : "Error");
      case RedisUnavailableException lost ->
          error
              .put("message", CONNECTION_CLOSED)
              .put("name", "Error")
              .put("detail", lost.getMessage());
      default -> error.put("message", Failure.reason(cause)).put("name", "Error");
    }
    write(reply);
  }

  /** Tells the driver of something it did not ask for. */
  void event(String name, String handle, JsonNode... args) {
    var event = Json.object().put("ev", name).put("h", handle);
    var list = event.putArray("args");
    for (var arg : args) {
      list.add(arg);
    }
    write(event);
  }

  private void write(ObjectNode frame) {
    var line = Json.write(frame) + '\n';
    writing.lock();
    try {
      out.print(line);
      out.flush();
    } finally {
      writing.unlock();
    }
  }
}
