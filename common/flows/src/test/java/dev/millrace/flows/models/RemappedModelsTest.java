package dev.millrace.flows.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.testing.FakeModelServer;
import dev.millrace.testing.ModelReply;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RemappedModelsTest {
  @Test
  void everyModelCanBeAskedAtOneServer() {
    try (var server = FakeModelServer.start().always(ModelReply.text("here"));
        var calls = new ModelCalls()) {
      var table =
          ModelRemap.table(
              "{\"*\":{\"basepath\":\""
                  + server.baseUrl()
                  + "\"},\"chatMyOwn\":{\"basepath\":\""
                  + server.baseUrl()
                  + "\",\"key\":\"secret\",\"model\":\"other\"}}");
      var models = RemappedModels.of(calls.models(), table);
      assertThat(models.supported()).contains("chatMyOwn", "chatAnthropic").doesNotContain("*");
      for (var node : models.supported()) {
        var answer =
            models.call(
                new ChatModels.Call(
                    node,
                    ModelCalls.object("{'modelName':'m','maxTokensToSample':'9','topK':'3'}"),
                    ModelCalls.object("{}"),
                    List.of(new ChatTurn("user", "hi")),
                    true,
                    null),
                ChatModels.ChatListener.NONE,
                Cancellation.none());
        assertThat(answer.text()).as(node).isEqualTo("here");
        var asked = server.requests().getLast();
        assertThat(asked.model()).as(node).isEqualTo(node.equals("chatMyOwn") ? "other" : "m");
        assertThat(asked.body().path("max_tokens").asInt()).as(node).isEqualTo(9);
      }
    }
  }

  @Test
  void whatIsNotInTheTableIsAskedWhereItWas() {
    try (var calls = new ModelCalls()) {
      assertThat(RemappedModels.of(calls.models(), ModelRemap.table("{}")))
          .isSameAs(calls.models());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "{", "{\"a\":{}}", "{\"a\":{\"basepath\":\"file:///x\"}}", "7"})
  void aTableHasAddresses(String json) {
    assertThatThrownBy(() -> ModelRemap.table(json)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void keysAreNotShown() {
    assertThat(new ModelRemap("http://x/v1", "secret", null).toString()).doesNotContain("secret");
  }
}
