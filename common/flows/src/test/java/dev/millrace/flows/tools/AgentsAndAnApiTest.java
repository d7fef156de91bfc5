package dev.millrace.flows.tools;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.fakes.TestFlows;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.FlowParser;
import dev.millrace.flows.models.LangChainChatModels;
import dev.millrace.flows.models.ModelLimits;
import dev.millrace.flows.net.AddressPolicy;
import dev.millrace.flows.net.FetchLimits;
import dev.millrace.flows.net.GuardedHttp;
import dev.millrace.flows.script.GraalSandbox;
import dev.millrace.flows.script.ScriptLimits;
import dev.millrace.testing.FakeModelServer;
import dev.millrace.testing.ModelReply;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import org.junit.jupiter.api.Test;

/**
 * What the template "Interacting With API" shows, with a flow of our own and a real HTTP server.
 */
class AgentsAndAnApiTest {
  private static final String DOCUMENT =
      """
      openapi: 3.0.0
      servers: [{url: "SERVER"}]
      paths:
        /rooms/{floor}:
          get:
            operationId: rooms
            parameters:
              - {name: floor, in: path, required: true, schema: {type: string}}
      """;

  @Test
  void everyWayToCallAnApi() throws Exception {
    try (var api = new MockWebServer();
        var models = FakeModelServer.start();
        var http =
            new GuardedHttp(AddressPolicy.of(false, List.of(), List.of()), FetchLimits.DEFAULT)) {
      api.start(InetAddress.getByName("127.0.0.1"), 0);
      for (String said : List.of("booked", "changed", "found", "cancelled", "two", "the end")) {
        api.enqueue(new MockResponse.Builder().body(said).build());
      }
      models.reply(ModelReply.calls("book", "{\"body\":{\"title\":\"party\"}}"));
      models.reply(ModelReply.calls("change", "{\"body\":{\"title\":\"feast\"}}"));
      models.reply(ModelReply.calls("find", "{\"queryParams\":{\"id\":\"7\",\"most\":\"1\"}}"));
      models.reply(ModelReply.calls("cancel", "{\"queryParams\":{\"id\":\"7\"}}"));
      models.reply(ModelReply.text("all done"));
      models.reply(ModelReply.calls("rooms", "{\"PathParameters\":{\"floor\":\"3\"}}"));
      models.reply(ModelReply.text("two rooms"));
      String base = api.url("").toString().replaceFirst("/$", "");
      String document =
          Base64.getEncoder().encodeToString(DOCUMENT.replace("SERVER", base).getBytes(UTF_8));
      String flow =
          TestFlows.text("agents-and-an-api")
              .replace("\"MODEL\"", "\"" + models.baseUrl() + "\"")
              .replace("API/", base + "/")
              .replace("DOCUMENT", "data:text/yaml;base64," + document);
      var scripts = new GraalSandbox(ScriptLimits.DEFAULT, http);

      RunResult result;
      try {
        result =
            TestRun.of(FlowParser.parse(flow).flow())
                .with(new LangChainChatModels(http, ModelLimits.DEFAULT))
                .with(scripts)
                .with(http)
                .ask("a party, please");
      } finally {
        scripts.close();
      }

      assertThat(result.error()).isNull();
      var asked = new ArrayList<String>();
      for (int i = api.getRequestCount(); i > 0; i--) {
        var request = api.takeRequest();
        asked.add(request.getMethod() + " " + request.getTarget());
      }
      assertThat(asked)
          .containsExactly(
              "POST /bookings",
              "PUT /bookings",
              "GET /bookings/7?most=1",
              "DELETE /bookings/7",
              "GET /rooms/3",
              "GET /report?of=two+rooms");
      assertThat(models.requests().getLast().body().toString()).contains("rooms: two", "all done");
      assertThat(TestRun.data(result, "httpAgentflow_0").at("/output/http/data").asString())
          .isEqualTo("the end");
    }
  }
}
