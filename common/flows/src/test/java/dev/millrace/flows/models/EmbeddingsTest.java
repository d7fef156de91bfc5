package dev.millrace.flows.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.net.AddressPolicy;
import dev.millrace.flows.net.FetchLimits;
import dev.millrace.flows.net.GuardedHttp;
import dev.millrace.testing.FakeModelServer;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbeddingsTest {
  private final GuardedHttp http =
      new GuardedHttp(AddressPolicy.of(false, List.of(), List.of()), FetchLimits.DEFAULT);
  private final LangChainEmbeddings embeddings = new LangChainEmbeddings(http, ModelLimits.DEFAULT);

  @AfterEach
  void stop() {
    http.close();
  }

  @Test
  void embedsInBatchesAndInOrder() {
    try (var server = FakeModelServer.start()) {
      var texts = Collections.nCopies(200, "a").toArray(String[]::new);
      texts[199] = "bb";
      var vectors = embed("openAIEmbeddings", server.baseUrl(), texts);
      assertThat(vectors).hasSize(200);
      assertThat(vectors.get(199)[1]).isEqualTo(2f);
      assertThat(server.requests()).hasSize(3);
      assertThat(server.requests().getFirst().path()).isEqualTo("/v1/embeddings");
      assertThat(server.requests().getFirst().model()).isEqualTo("text-embedding-ada-002");
    }
  }

  @Test
  void batchesAreAsLargeAsTheNodeSaysAndEncodedAsItSays() throws Exception {
    try (var server = new MockWebServer()) {
      server.start(InetAddress.getByName("127.0.0.1"), 0);
      var floats = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putFloat(1).putFloat(2);
      var encoded = Base64.getEncoder().encodeToString(floats.array());
      for (var i = 0; i < 2; i++) {
        var one = "{\"index\":0,\"object\":\"embedding\",\"embedding\":\"" + encoded + "\"}";
        server.enqueue(
            new MockResponse.Builder()
                .addHeader("Content-Type", "application/json")
                .body(
                    "{\"object\":\"list\",\"model\":\"m\",\"data\":["
                        + one
                        + (i == 0 ? "," + one : "")
                        + "],\"usage\":{\"prompt_tokens\":1,\"total_tokens\":1}}")
                .build());
      }
      var base = "http://127.0.0.1:" + server.getPort();
      var config =
          ModelCalls.object(
              "{'batchSize':'2','encodingFormat':'base64','dimensions':'2','basepath':'"
                  + base
                  + "','baseOptions':{'X-Team':'blue'}}");
      var vectors =
          embeddings.embed(
              new EmbeddingModels.Model("openAIEmbeddings", config, ModelCalls.object("{}")),
              List.of("a", "b", "c"),
              Cancellation.none());
      assertThat(vectors).hasSize(3).allMatch(vector -> vector[0] == 1f && vector[1] == 2f);
      var request = server.takeRequest();
      assertThat(request.getHeaders().get("X-Team")).isEqualTo("blue");
      var body = request.getBody();
      assertThat(body == null ? "" : body.utf8())
          .contains("encoding_format", "base64", "dimensions");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "mistralAIEmbeddings|/v1/embeddings|{'data':[{'index':0,'embedding':[1,2]}],'model':'m',"
            + "'usage':{'prompt_tokens':1,'total_tokens':1}}",
        "ollamaEmbedding|/api/embed|{'model':'m','embeddings':[[1,2]]}",
        "googleGenerativeAiEmbeddings|/v1beta/models/m:batchEmbedContents"
            + "|{'embeddings':[{'values':[1,2]}]}",
        "azureOpenAIEmbeddings|/m/embeddings|{'object':'list','model':'m','data':[{'index':0,"
            + "'object':'embedding','embedding':[1,2]}],'usage':{'prompt_tokens':1,'total_tokens':1}}",
      })
  void everyProviderHasItsOwnForm(String node, String path, String answer) throws Exception {
    try (var server = new MockWebServer()) {
      server.start(InetAddress.getByName("127.0.0.1"), 0);
      server.enqueue(
          new MockResponse.Builder()
              .addHeader("Content-Type", "application/json")
              .body(answer.replace('\'', '"'))
              .build());
      var base = "http://127.0.0.1:" + server.getPort();
      assertThat(embed(node, base, "hello").getFirst()).containsExactly(1f, 2f);
      assertThat(server.takeRequest().getUrl().encodedPath()).isEqualTo(path);
    }
  }

  @Test
  void aRefusalCarriesTheProvidersWords() throws Exception {
    try (var server = new MockWebServer()) {
      server.start(InetAddress.getByName("127.0.0.1"), 0);
      server.enqueue(
          new MockResponse.Builder().code(401).body("{\"error\":{\"message\":\"no\"}}").build());
      var base = "http://127.0.0.1:" + server.getPort();
      assertThatThrownBy(() -> embed("openAIEmbeddings", base, "x"))
          .isInstanceOf(ModelException.class)
          .hasMessage("401 no");
    }
  }

  @Test
  void namesAModelThatItDoesNotKnow() {
    assertThatThrownBy(() -> embed("cohereEmbeddings", "http://x", "x"))
        .hasMessageContaining("cohereEmbeddings")
        .hasMessageContaining("openAIEmbeddings");
  }

  private List<float[]> embed(String node, String base, String... texts) {
    var config =
        ModelCalls.object(
            "{'basepath':'"
                + base
                + "','azureOpenAIApiKey':'k','azureOpenAIApiVersion':'1',"
                + "'azureOpenAIApiEmbeddingsDeploymentName':'m'}");
    if (!node.equals("openAIEmbeddings")) {
      config.put("modelName", "m");
    }
    return embeddings.embed(
        new EmbeddingModels.Model(node, config, ModelCalls.object("{}")),
        List.of(texts),
        Cancellation.none());
  }
}
