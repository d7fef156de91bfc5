package dev.millrace.flows.expression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InputTemplatesTest {
  /** A filter by user that is not filled in would find nothing, or another's. */
  @ParameterizedTest
  @CsvSource({"postgres, pgMetadataFilter", "qdrant, qdrantFilter"})
  void filtersOfVectorStoresAreTemplates(String store, String filter) {
    var row = Json.object().put("vectorStore", store);
    row.putObject("vectorStoreConfig")
        .put(filter, "{\"user\": \"{{ question }}\"}")
        .put("tableName", "{{ question }}");
    var data = Json.object();
    data.putObject("inputs").putArray("agentKnowledgeVSEmbeddings").add(row);
    var node = new FlowNode("agentAgentflow_0", "agentAgentflow", "Agent", data);
    var scope = new FakeScope();
    scope.question = "ann";

    var config =
        InputTemplates.of(node).fill(scope).at("/agentKnowledgeVSEmbeddings/0/vectorStoreConfig");

    assertThat(config.path(filter).asString()).isEqualTo("{\"user\": \"ann\"}");
    assertThat(config.path("tableName").asString()).isEqualTo("{{ question }}");
  }
}
