package dev.millrace.flows.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.engine.FlowStore.StoredDocuments;
import dev.millrace.flows.engine.FlowStore.StoredPiece;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.fakes.FakeEmbeddings;
import dev.millrace.flows.fakes.FakeStore;
import dev.millrace.flows.fakes.FlowDraft;
import dev.millrace.flows.fakes.TestRun;
import dev.millrace.flows.model.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RetrieverNodeTest {
  private static final String EMBEDDING = "{\"name\":\"openAIEmbeddings\",\"config\":{}}";
  private static final List<StoredPiece> PIECES =
      List.of(
          new StoredPiece("zebras zigzag", "{\"animal\":true,\"page\":1}"),
          new StoredPiece("cooking noodles", "{\"animal\":false}"),
          new StoredPiece("zebras", "{\"animal\":true,\"page\":2}"));

  private final FakeEmbeddings embeddings = new FakeEmbeddings();

  @Test
  void findsWhatIsNear() {
    RunResult result = retriever("{\"topK\":2}", "text").ask("zebras");
    assertThat(result.text()).isEqualTo("zebras\nzebras zigzag");
    assertThat(TestRun.data(result, "retrieverAgentflow_0").path("input").toString())
        .isEqualTo("{\"question\":\"zebras\"}");
  }

  @Test
  void tellsWhereItIsFrom() {
    String text = retriever("{\"topK\":1}", "textWithMetadata").ask("zebras").text();
    assertThat(Json.read(text).at("/0/metadata/page").asInt()).isEqualTo(2);
  }

  @Test
  void filters() {
    String config = "{\"metadataFilter\":\"{\\\"animal\\\":false}\"}";
    assertThat(retriever(config, "").ask("zebras").text()).isEqualTo("cooking noodles");
  }

  @Test
  void prefersVarietyIfItIsToldTo() {
    String config = "{\"topK\":2,\"searchType\":\"mmr\",\"fetchK\":3,\"lambda\":\"0.1\"}";
    assertThat(retriever(config, "").ask("zebras").text()).isEqualTo("zebras\ncooking noodles");
  }

  @Test
  void embedsAStoreOnce() {
    TestRun run = retriever("{}", "");
    var engine = run.engine();
    for (int time = 0; time < 2; time++) {
      engine.run(
          run.request(Json.object().put("question", "zebras")),
          run.ports(event -> {}),
          dev.millrace.flows.engine.Cancellation.none());
    }
    assertThat(embeddings.texts()).as("three pieces, and each question").isEqualTo(5);
  }

  @Test
  void namesAStoreThatIsNotThere() {
    assertThat(retriever("{}", "").with(FakeStore.EMPTY).ask("x").error())
        .contains("\"d1:Docs\"", "\"R\" (retrieverAgentflow_0)");
  }

  @Test
  void namesAVectorStoreThatItCannotSearch() {
    var documents = new StoredDocuments("d1", "Docs", "", "{\"name\":\"pinecone\"}", EMBEDDING);
    assertThat(run(documents, "").ask("x").error()).contains("pinecone", "\"Docs\"", "qdrant");
  }

  private TestRun retriever(String config, String format) {
    String store = "{\"name\":\"memoryVectorStore\",\"config\":" + config + "}";
    return run(new StoredDocuments("d1", "Docs", "", store, EMBEDDING), format);
  }

  private TestRun run(StoredDocuments documents, String format) {
    return FlowDraft.start()
        .then(
            "retrieverAgentflow_0",
            "R",
            "{\"retrieverKnowledgeDocumentStores\":[{\"documentStore\":\"d1:Docs\"}],"
                + "\"outputFormat\":\""
                + format
                + "\"}")
        .run()
        .with(embeddings)
        .with(FakeStore.of(new FakeStore.Library(Map.of(), Map.of("d1", documents), PIECES)));
  }
}
