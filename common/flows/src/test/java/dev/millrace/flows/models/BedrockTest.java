package dev.millrace.flows.models;

import static dev.millrace.flows.models.ProviderServer.body;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.ChatTurn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mockwebserver3.MockResponse;
import okio.Buffer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.eventstream.HeaderValue;
import software.amazon.awssdk.eventstream.Message;
import tools.jackson.databind.node.ObjectNode;

/** Models of Amazon Bedrock: signed requests, the Converse API, and streams in frames. */
final class BedrockTest {
  private static final ToolSpec TOOL =
      new ToolSpec(
          "look",
          "looks",
          ModelCalls.object(
              "{'type':'object','properties':{'at':{'type':'string'}},'required':['at']}"));

  private final ProviderServer server = new ProviderServer();
  private final ModelCalls calls = new ModelCalls();
  private final List<String> tokens = new ArrayList<>();

  @AfterEach
  void stop() {
    calls.close();
    server.close();
  }

  @Test
  void answersAtOnce() throws Exception {
    server.json(
        "{'output':{'message':{'role':'assistant','content':[{'text':'hello'},{'toolUse':"
            + "{'toolUseId':'t1','name':'look','input':{'at':'sky'}}}]}},'stopReason':'tool_use',"
            + "'usage':{'inputTokens':3,'outputTokens':2,'totalTokens':5}}");
    var answer =
        bedrock(false, null, List.of(), "{'awsKey':'AKID','awsSecret':'shh','awsSession':'se'}");
    assertThat(answer.text()).isEqualTo("hello");
    assertThat(answer.calls())
        .containsExactly(new ToolRound.Call("t1", "look", "{\"at\":\"sky\"}"));
    assertThat(answer.usage().path("total_tokens").asInt()).isEqualTo(5);
    assertThat(answer.response().path("finish_reason").asString()).isEqualTo("tool_calls");
    var request = server.takeRequest();
    assertThat(request.getUrl().encodedPath()).isEqualTo("/model/anthropic.claude-3%3A0/converse");
    assertThat(request.getHeaders().get("Authorization"))
        .startsWith("AWS4-HMAC-SHA256 Credential=AKID/")
        .contains("/eu-west-1/bedrock/aws4_request", "host", "x-amz-date");
    assertThat(request.getHeaders().get("X-Amz-Security-Token")).isEqualTo("se");
    assertThat(body(request))
        .isEqualTo(
            ModelCalls.object(
                "{'messages':[{'role':'user','content':[{'text':'hi'}]}],"
                    + "'system':[{'text':'be brief'}],"
                    + "'inferenceConfig':{'maxTokens':200,'temperature':0.7},"
                    + "'toolConfig':{'tools':[{'toolSpec':{'name':'look','description':'looks',"
                    + "'inputSchema':{'json':{'type':'object','properties':{'at':"
                    + "{'type':'string'}},'required':['at']}}}}]}}"));
  }

  @Test
  void isToldWhatToolsFound() throws Exception {
    server.json(
        "{'output':{'message':{'role':'assistant','content':[{'text':'blue'}]}},"
            + "'stopReason':'end_turn','usage':{'inputTokens':1,'outputTokens':1,'totalTokens':2}}");
    var round =
        new ToolRound(
            "",
            List.of(
                new ToolRound.Call("t1", "look", "{\"at\":\"sky\"}"),
                new ToolRound.Call("t2", "look", "{\"at\":\"sea\"}")),
            List.of(
                new ToolRound.Result("t1", "look", "blue"), new ToolRound.Result("t2", "look", "")),
            ModelCalls.object("{}"));
    bedrock(false, null, List.of(round), "{'bedrockBearerToken':'bk'}");
    var request = server.takeRequest();
    assertThat(request.getHeaders().get("Authorization")).isEqualTo("Bearer bk");
    assertThat(body(request).path("messages").toString())
        .isEqualTo(
            ModelCalls.object(
                    "{'m':[{'role':'user','content':[{'text':'hi'}]},{'role':'assistant','content':["
                        + "{'toolUse':{'toolUseId':'t1','name':'look','input':{'at':'sky'}}},"
                        + "{'toolUse':{'toolUseId':'t2','name':'look','input':{'at':'sea'}}}]},"
                        + "{'role':'user','content':[{'toolResult':{'toolUseId':'t1','content':"
                        + "[{'text':'blue'}]}},{'toolResult':{'toolUseId':'t2','content':"
                        + "[{'text':'(nothing)'}]}}]}]}")
                .path("m")
                .toString());
  }

  @Test
  void streams() throws Exception {
    frames(
        event("messageStart", "{'role':'assistant'}"),
        event("contentBlockDelta", "{'contentBlockIndex':0,'delta':{'text':'hel'}}"),
        event("contentBlockDelta", "{'contentBlockIndex':0,'delta':{'text':'lo'}}"),
        event(
            "contentBlockStart",
            "{'contentBlockIndex':1,'start':{'toolUse':{'toolUseId':'t1','name':'look'}}}"),
        event(
            "contentBlockDelta",
            "{'contentBlockIndex':1,'delta':{'toolUse':{'input':'{\\u0022at\\u0022:'}}}"),
        event(
            "contentBlockDelta",
            "{'contentBlockIndex':1,'delta':{'toolUse':{'input':'\\u0022sky\\u0022}'}}}"),
        event("messageStop", "{'stopReason':'tool_use'}"),
        event("metadata", "{'usage':{'inputTokens':3,'outputTokens':2,'totalTokens':5}}"));
    var answer = bedrock(true, null, List.of(), "{'awsKey':'AKID','awsSecret':'shh'}");
    assertThat(tokens).containsExactly("hel", "lo");
    assertThat(answer.text()).isEqualTo("hello");
    assertThat(answer.calls())
        .containsExactly(new ToolRound.Call("t1", "look", "{\"at\":\"sky\"}"));
    assertThat(answer.usage().path("total_tokens").asInt()).isEqualTo(5);
    assertThat(server.takeRequest().getUrl().encodedPath())
        .isEqualTo("/model/anthropic.claude-3%3A0/converse-stream");
  }

  @Test
  void errorsAreTold() {
    server.enqueue(
        new MockResponse.Builder().code(403).body("{\"message\":\"no access to it\"}").build());
    assertThatThrownBy(() -> bedrock(false, null, List.of(), "{'bedrockBearerToken':'bk'}"))
        .hasMessage("403 no access to it");
    frames(
        event("contentBlockDelta", "{'contentBlockIndex':0,'delta':{'text':'hel'}}"),
        new Message(
            Map.of(
                ":message-type", HeaderValue.fromString("exception"),
                ":exception-type", HeaderValue.fromString("throttlingException")),
            "{\"message\":\"slow down\"}".getBytes(UTF_8)));
    assertThatThrownBy(() -> bedrock(true, null, List.of(), "{'bedrockBearerToken':'bk'}"))
        .hasMessageContaining("throttlingException: slow down");
    frames(event("contentBlockDelta", "{'contentBlockIndex':0,'delta':{'text':'hel'}}"));
    assertThatThrownBy(() -> bedrock(true, null, List.of(), "{'bedrockBearerToken':'bk'}"))
        .hasMessageContaining("ended before its answer was complete");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everySecretOfACredentialIsBlottedOut(boolean stream) {
    server.enqueue(
        new MockResponse.Builder()
            .code(403)
            .body("{\"message\":\"AKID-1 with shh-2 in sess-3, not bearer-4, in eu-west-1\"}")
            .build());
    var all =
        "{'awsKey':'AKID-1','awsSecret':'shh-2','awsSession':'sess-3','bedrockBearerToken':"
            + "'bearer-4'}";
    assertThatThrownBy(() -> bedrock(stream, null, List.of(), all))
        .hasMessage("403 *** with *** in ***, not ***, in eu-west-1");
  }

  @Test
  void errorsWithinAStreamTellNoSecrets() {
    frames(
        new Message(
            Map.of(
                ":message-type", HeaderValue.fromString("exception"),
                ":exception-type", HeaderValue.fromString("validationException")),
            "{\"message\":\"bad bearer-4\"}".getBytes(UTF_8)));
    assertThatThrownBy(() -> bedrock(true, null, List.of(), "{'bedrockBearerToken':'bearer-4'}"))
        .hasMessageContaining("validationException: bad ***");
  }

  @Test
  void answersInAForm() throws Exception {
    server.json(
        "{'output':{'message':{'role':'assistant','content':[{'toolUse':{'toolUseId':'t1',"
            + "'name':'extract','input':{'at':'sky'}}}]}},'stopReason':'tool_use',"
            + "'usage':{'inputTokens':3,'outputTokens':2,'totalTokens':5}}");
    var answer = bedrock(false, TOOL.parameters(), List.of(), "{'bedrockBearerToken':'bk'}");
    assertThat(answer.structured()).isEqualTo(ModelCalls.object("{'at':'sky'}"));
    assertThat(body(server.takeRequest()).at("/toolConfig/toolChoice").toString())
        .isEqualTo("{\"any\":{}}");
  }

  private ChatModels.Answer bedrock(
      boolean stream, @Nullable ObjectNode schema, List<ToolRound> rounds, String credential) {
    var config =
        "{'model':'ignored','customModel':'anthropic.claude-3:0','region':'eu-west-1',"
            + "'temperature':'0.7','max_tokens_to_sample':'200','baseUrl':'"
            + server.url("")
            + "'}";
    return calls
        .models()
        .call(
            new ChatModels.Call(
                "awsChatBedrock",
                ModelCalls.object(config),
                ModelCalls.object(credential),
                List.of(new ChatTurn("system", "be brief"), new ChatTurn("user", "hi")),
                stream,
                schema,
                schema == null ? List.of(TOOL) : List.of(),
                List.of(),
                rounds),
            tokens::add,
            Cancellation.none());
  }

  private static Message event(String kind, String body) {
    return new Message(
        Map.of(
            ":message-type", HeaderValue.fromString("event"),
            ":event-type", HeaderValue.fromString(kind)),
        body.replace('\'', '"').getBytes(UTF_8));
  }

  private void frames(Message... messages) {
    var body = new Buffer();
    for (var message : messages) {
      message.encode(body.outputStream());
    }
    server.enqueue(
        new MockResponse.Builder()
            .addHeader("Content-Type", "application/vnd.amazon.eventstream")
            .body(body)
            .build());
  }
}
