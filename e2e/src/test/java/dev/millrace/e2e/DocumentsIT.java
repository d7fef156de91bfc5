package dev.millrace.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testing.FakeModelServer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Documents that a worker puts into a store, and flows that are asked about them. */
class DocumentsIT {
  private static final JsonMapper JSON = JsonMapper.shared();

  @Test
  void aFlowFindsWhatATaskUpserted() throws Exception {
    try (var models = FakeModelServer.start();
        var deployment = new Deployment("queue")) {
      var api = deployment.startServer();
      deployment.startWorker();

      var id = Layouts.createTask(api, upsert(models.baseUrl()).toString());
      var task = Layouts.awaitTask(api, id);

      assertThat(task.path("state").asString())
          .as("%s %s", task, deployment.logs())
          .isEqualTo("SUCCEEDED");
      var result = task.path("result");
      assertThat(result.path("numAdded").asInt()).isEqualTo(3);
      var flow = api.createFlow(retriever(result.path("storeId").asString()));
      assertThat(answer(api, flow, "noodles")).isEqualTo("Noodles: soft");
      assertThat(answer(api, flow, "zebra zigzag")).isEqualTo("Zebra zigzags");
      assertThat(models.requests()).allMatch(request -> request.path().contains("/embeddings"));
    }
  }

  private static ObjectNode upsert(String baseUrl) {
    var task = JSON.createObjectNode().put("type", "documents:upsert");
    var params = task.putObject("params");
    params.putObject("docStore").put("name", "Kitchen");
    params
        .putObject("loader")
        .put("name", "plainText")
        .putObject("config")
        .put("text", "Noodles: soft\n\nZebra zigzags\n\nA quick fox");
    params
        .putObject("splitter")
        .put("name", "recursiveCharacterTextSplitter")
        .putObject("config")
        .put("chunkSize", 15)
        .put("chunkOverlap", 0);
    params
        .putObject("embedding")
        .put("name", "openAIEmbeddings")
        .putObject("config")
        .put("basepath", baseUrl)
        .put("modelName", "m");
    params
        .putObject("vectorStore")
        .put("name", "memoryVectorStore")
        .putObject("config")
        .put("topK", 1);
    return task;
  }

  /** Start → Retriever. */
  private static JsonNode retriever(String store) {
    var flow = Flows.start();
    var node = Flows.node(flow, "retrieverAgentflow_0", "retrieverAgentflow", "Retriever");
    Flows.inputs(node)
        .putArray("retrieverKnowledgeDocumentStores")
        .addObject()
        .put("documentStore", store + ":Kitchen");
    Flows.edge(flow, "startAgentflow_0", "retrieverAgentflow_0");
    return flow;
  }

  private static String answer(Api api, String flow, String question) throws Exception {
    var body = JSON.createObjectNode().put("question", question);
    var answer = api.predict(flow, body.toString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body()).path("text").asString();
  }
}
