package dev.millrace.flows.models;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The embedding nodes of Flowise that can be called. Knows nothing of LangChain4j.
 *
 * @param chat the provider as its chat model has it: where it answers, and with which key
 * @param model the one that the node offers first, null when the node has to name one
 */
record EmbeddingProvider(String node, Provider chat, @Nullable String model) {
  /** Every provider by its node name. */
  static final SequencedMap<String, EmbeddingProvider> ALL = all();

  private static SequencedMap<String, EmbeddingProvider> all() {
    var all = new LinkedHashMap<String, EmbeddingProvider>();
    Stream.of(
            of("openAIEmbeddings", "chatOpenAI", "text-embedding-ada-002"),
            of("openAIEmbeddingsCustom", "chatOpenAICustom", null),
            of("azureOpenAIEmbeddings", "azureChatOpenAI", "text-embedding-ada-002"),
            of("ollamaEmbedding", "chatOllama", null),
            of("mistralAIEmbeddings", "chatMistralAI", "mistral-embed"),
            of("googleGenerativeAiEmbeddings", "chatGoogleGenerativeAI", "gemini-embedding-001"),
            of("localAIEmbeddings", "chatLocalAI", null),
            of("togetherAIEmbedding", "chatTogetherAI", null))
        .forEach(provider -> all.put(provider.node(), provider));
    return all;
  }

  private static EmbeddingProvider of(String node, String chat, @Nullable String model) {
    var provider = Provider.ALL.get(chat);
    if (provider == null) {
      throw new IllegalArgumentException("There is no provider " + chat);
    }
    return new EmbeddingProvider(node, provider, model);
  }
}
