package dev.millrace.flows.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.fakes.FakeEmbeddings;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.net.AddressPolicy;
import dev.millrace.flows.net.FetchLimits;
import dev.millrace.flows.net.GuardedHttp;
import java.net.InetAddress;
import java.util.List;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class QdrantWriterTest {
  private static final String ID = "5f0c4f5e-6a7c-3d0a-9d55-0f6f6a1a2b3c";

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
  void makesTheCollectionAndWritesPointsThatTheSearchUnderstands() throws Exception {
    answer(404, "{\"status\":{\"error\":\"Not found\"}}");
    answer(200, "{\"result\":true}");
    answer(200, "{\"result\":{\"status\":\"completed\"}}");

    write();

    assertThat(line(server.takeRequest())).isEqualTo("GET /collections/my%20docs");
    var create = server.takeRequest();
    assertThat(line(create)).isEqualTo("PUT /collections/my%20docs");
    assertThat(body(create)).hasToString("{\"vectors\":{\"size\":2,\"distance\":\"Dot\"}}");
    var points = server.takeRequest();
    assertThat(line(points)).isEqualTo("PUT /collections/my%20docs/points?wait=true");
    assertThat(points.getHeaders().get("api-key")).isEqualTo("secret");
    JsonNode point = body(points).at("/points/0");
    assertThat(point.path("id").asString()).isEqualTo(ID);
    assertThat(point.path("vector")).hasToString("[0.5,1.0]");
    assertThat(point.path("payload"))
        .hasToString("{\"content\":\"hello\",\"metadata\":{\"docId\":\"d\"}}");
  }

  @Test
  void refusesACollectionForOtherVectors() {
    answer(200, "{\"result\":{\"config\":{\"params\":{\"vectors\":{\"size\":1536}}}}}");
    assertThatThrownBy(this::write)
        .hasMessageContaining("size 1536")
        .hasMessageContaining("size 2");
  }

  @Test
  void deletesWhatIsLeftOfADocument() throws Exception {
    answer(200, "{\"result\":{}}");
    answer(200, "{\"result\":{\"count\":3}}");
    answer(200, "{\"result\":{}}");

    assertThat(writer().prune("d", List.of(ID), Cancellation.none())).isEqualTo(3);

    server.takeRequest();
    assertThat(line(server.takeRequest())).endsWith("/points/count");
    var delete = server.takeRequest();
    assertThat(line(delete)).isEqualTo("POST /collections/my%20docs/points/delete?wait=true");
    assertThat(body(delete).path("filter"))
        .hasToString(
            "{\"must\":[{\"key\":\"metadata.docId\",\"match\":{\"value\":\"d\"}}],"
                + "\"must_not\":[{\"has_id\":[\""
                + ID
                + "\"]}]}");
  }

  @Test
  void aCollectionThatIsNotThereHasNothingToDelete() {
    answer(404, "{}");
    assertThat(writer().prune("d", List.of(), Cancellation.none())).isZero();
  }

  private void write() {
    var piece = new Piece("hello", Json.object().put("docId", "d"), ID);
    writer().write(List.of(piece), List.of(new float[] {0.5f, 1f}), Cancellation.none());
  }

  private VectorWriter writer() {
    ObjectNode config =
        Json.object()
            .put("qdrantServerUrl", server.url("/").toString())
            .put("qdrantCollection", "my docs")
            .put("qdrantSimilarity", "Dot");
    var writers = new VectorWriters(new FakeEmbeddings(), http, SqlVectors.NONE);
    return writers
        .writer(
            new Component("qdrant", config),
            "a store",
            id -> Json.object().put("qdrantApiKey", "secret"))
        .orElseThrow();
  }

  private void answer(int status, String body) {
    server.enqueue(new MockResponse.Builder().code(status).body(body).build());
  }

  private static String line(RecordedRequest request) {
    return request.getMethod() + " " + request.getTarget();
  }

  private static JsonNode body(RecordedRequest request) {
    var body = request.getBody();
    return Json.read(body == null ? "" : body.utf8());
  }
}
