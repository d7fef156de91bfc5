package dev.millrace.flows.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.engine.FlowStore.StoredDocuments;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.fakes.FakeStore;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.net.AddressPolicy;
import dev.millrace.flows.net.FetchLimits;
import dev.millrace.flows.net.GuardedHttp;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class QdrantStoreTest {
  private final MockWebServer server = new MockWebServer();
  private final GuardedHttp http =
      new GuardedHttp(AddressPolicy.of(false, List.of(), List.of()), FetchLimits.DEFAULT);

  @BeforeEach
  void start() throws Exception {
    server.start(InetAddress.getByName("127.0.0.1"), 0);
  }

  @AfterEach
  void stop() {
    http.close();
    server.close();
  }

  @Test
  void asksForTheNearestAndTellsTheirSources() throws Exception {
    server.enqueue(
        new MockResponse.Builder()
            .body(
                "{\"result\":[{\"id\":7,\"score\":0.9,\"payload\":{\"content\":\"found\",\"metadata\":"
                    + "{\"page\":3}}}],\"status\":\"ok\"}")
            .build());
    RunResult result = ask();
    assertThat(Json.read(result.text()).toString())
        .isEqualTo("[{\"pageContent\":\"found\",\"metadata\":{\"page\":3},\"id\":\"7\"}]");
    var request = server.takeRequest();
    assertThat(request.getTarget()).isEqualTo("/collections/my%20docs/points/search");
    assertThat(request.getHeaders().get("api-key")).isEqualTo("secret");
    JsonNode body = Json.read(text(request));
    assertThat(body.path("vector")).hasSize(26);
    assertThat(body.path("limit").asInt()).isEqualTo(2);
    assertThat(body.at("/filter/must/0/key").asString()).isEqualTo("page");
  }

  @Test
  void aRefusalNamesServerAndReason() {
    server.enqueue(
        new MockResponse.Builder()
            .code(404)
            .body("{\"status\":{\"error\":\"Collection not found\"}}")
            .build());
    assertThat(ask().error()).contains("/collections/my", "404", "Collection not found");
  }

  private RunResult ask() {
    String store =
        "{\"name\":\"qdrant\",\"config\":{\"qdrantServerUrl\":\""
            + server.url("/")
            + "\",\"qdrantCollection\":\"my docs\",\"qdrantApiKey\":\"secret\",\"topK\":\"2\","
            + "\"qdrantFilter\":{\"must\":[{\"key\":\"page\",\"match\":{\"value\":3}}]}}}";
    var documents = new StoredDocuments("d1", "Docs", "", store, "{\"name\":\"openAIEmbeddings\"}");
    return FlowDraft.start()
        .then(
            "retrieverAgentflow_0",
            "R",
            "{\"retrieverKnowledgeDocumentStores\":[{\"documentStore\":\"d1:Docs\"}],"
                + "\"outputFormat\":\"textWithMetadata\"}")
        .run()
        .with(http)
        .with(FakeStore.of(new FakeStore.Library(Map.of(), Map.of("d1", documents), List.of())))
        .ask("hello");
  }

  private static String text(RecordedRequest request) {
    var body = request.getBody();
    return body == null ? "" : body.utf8();
  }
}
