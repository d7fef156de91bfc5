package dev.millrace.flows.models;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.net.AddressPolicy;
import dev.millrace.flows.net.FetchLimits;
import dev.millrace.flows.net.GuardedHttp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What the tests of models share: a client that may reach loopback, and short ways to call. */
final class ModelCalls implements AutoCloseable {
  static final ModelLimits QUICK =
      new ModelLimits(
          Duration.ofSeconds(2),
          Duration.ofSeconds(1),
          Duration.ofMillis(500),
          Duration.ofSeconds(10));

  private final GuardedHttp http =
      new GuardedHttp(AddressPolicy.strictBut("127.0.0.1"), FetchLimits.DEFAULT);
  private final LangChainChatModels models;

  ModelCalls() {
    this(QUICK);
  }

  ModelCalls(ModelLimits limits) {
    this.models = new LangChainChatModels(http, limits);
  }

  /** Calls a model whose base path is the last argument of the config. */
  Heard call(
      String node,
      String config,
      String credential,
      boolean stream,
      @Nullable String schema,
      Cancellation cancellation,
      ChatTurn... messages) {
    var tokens = new ArrayList<String>();
    var thoughts = new StringBuilder();
    var listener =
        new ChatModels.ChatListener() {
          @Override
          public void token(String piece) {
            tokens.add(piece);
          }

          @Override
          public void thinking(String piece) {
            thoughts.append(piece);
          }
        };
    var answer =
        models.call(
            new ChatModels.Call(
                node,
                object(config),
                object(credential),
                List.of(messages),
                stream,
                schema == null ? null : object(schema)),
            listener,
            cancellation);
    return new Heard(answer, tokens, thoughts.toString());
  }

  LangChainChatModels models() {
    return models;
  }

  static ObjectNode object(String json) {
    return (ObjectNode) JsonMapper.shared().readTree(json.replace('\'', '"'));
  }

  @Override
  public void close() {
    http.close();
  }

  record Heard(ChatModels.Answer answer, List<String> tokens, String thoughts) {}
}
