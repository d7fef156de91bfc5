package dev.millrace.flows.models;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The chat model nodes of Flowise that can be called, and what is particular to each. Knows nothing
 * of LangChain4j, so that naming them loads none of it.
 */
sealed interface Provider {
  /** Every provider by its node name. Names of credential fields are those of Flowise's nodes. */
  SequencedMap<String, Provider> ALL = all();

  /** Returns the node name, e.g. {@code chatOpenAI}. */
  String node();

  /** Returns the field of the credential, or of the config, that holds the key. */
  String keyField();

  /** Returns where it answers when the node names no base path; null when the node has to. */
  @Nullable String baseUrl();

  /** Returns the name as told in response metadata. */
  default String label() {
    return "openai";
  }

  /** Returns the model that the node offers first; null when the node has to name one. */
  default @Nullable String defaultModel() {
    return null;
  }

  /** Says whether the provider at its own address answers nobody without a key. */
  default boolean needsKey() {
    return true;
  }

  /** OpenAI's chat completions, by OpenAI or somebody else. */
  record OpenAiLike(String node, @Nullable String baseUrl, String keyField, boolean openAi)
      implements Provider {
    @Override
    public @Nullable String defaultModel() {
      return openAi ? "gpt-4o-mini" : null;
    }

    @Override
    public boolean needsKey() {
      return baseUrl != null;
    }
  }

  /** OpenAI's chat completions at a deployment of Azure. */
  record Azure(String node, String keyField) implements Provider {
    @Override
    public @Nullable String baseUrl() {
      return null;
    }

    @Override
    public String defaultModel() {
      return "gpt-4o-mini";
    }

    @Override
    public String label() {
      return "azure_openai";
    }
  }

  /** Anthropic's messages. */
  record Anthropic(String node, String keyField, String baseUrl) implements Provider {
    @Override
    public String defaultModel() {
      return "claude-haiku-4-5";
    }

    @Override
    public String label() {
      return "anthropic";
    }
  }

  /** Google's generateContent. */
  record Gemini(String node, String keyField, String baseUrl) implements Provider {
    @Override
    public String defaultModel() {
      return "gemini-1.5-flash-latest";
    }

    @Override
    public String label() {
      return "google-genai";
    }
  }

  /** Ollama's own API. */
  record Ollama(String node, String keyField, String baseUrl) implements Provider {
    @Override
    public boolean needsKey() {
      return false;
    }

    @Override
    public String label() {
      return "ollama";
    }
  }

  /** Mistral's chat completions. */
  record Mistral(String node, String keyField, String baseUrl) implements Provider {
    @Override
    public String defaultModel() {
      return "mistral-tiny";
    }

    @Override
    public String label() {
      return "mistralai";
    }
  }

  /** OpenAI's chat completions with a difference: {@link CompatibleModels} knows which. */
  record Kin(
      String node,
      Dialect dialect,
      @Nullable String baseUrl,
      String keyField,
      @Nullable String defaultModel)
      implements Provider {
    @Override
    public String label() {
      return dialect.name().toLowerCase(Locale.ROOT);
    }
  }

  /** The differences. */
  enum Dialect {
    BAIDU,
    CLOUDFLARE,
    COHERE,
    HUGGINGFACE,
    WATSONX
  }

  /** Google's generateContent in a project of Google Cloud. */
  record Vertex(String node, String keyField) implements Provider {
    @Override
    public @Nullable String baseUrl() {
      return null; // it has a region in it
    }

    @Override
    public String label() {
      return "google-vertexai";
    }
  }

  /** Amazon's Converse. */
  record Bedrock(String node, String keyField) implements Provider {
    @Override
    public @Nullable String baseUrl() {
      return null; // it has a region in it
    }

    @Override
    public String label() {
      return "bedrock";
    }
  }

  /** NeMo's guardrails in front of a model that their configuration names. */
  record Nemo(String node, String keyField) implements Provider {
    @Override
    public @Nullable String baseUrl() {
      return null;
    }

    @Override
    public String defaultModel() {
      return ""; // the configuration of the guardrails chooses it
    }

    @Override
    public boolean needsKey() {
      return false;
    }

    @Override
    public String label() {
      return "nemo-guardrails";
    }
  }

  private static SequencedMap<String, Provider> all() {
    var all = new LinkedHashMap<String, Provider>();
    Stream.of(
            new OpenAiLike("chatOpenAI", "https://api.openai.com/v1", "openAIApiKey", true),
            new Azure("azureChatOpenAI", "azureOpenAIApiKey"),
            new Anthropic("chatAnthropic", "anthropicApiKey", "https://api.anthropic.com/v1"),
            new Gemini(
                "chatGoogleGenerativeAI",
                "googleGenerativeAPIKey",
                "https://generativelanguage.googleapis.com/v1beta"),
            new Ollama("chatOllama", "ollamaApiKey", "http://localhost:11434"),
            new Mistral("chatMistralAI", "mistralAIAPIKey", "https://api.mistral.ai/v1"),
            like("groqChat", "https://api.groq.com/openai/v1", "groqApiKey"),
            like(
                "chatAlibabaTongyi",
                "https://dashscope.aliyuncs.com/compatible-mode/v1",
                "alibabaApiKey"),
            like("chatCerebras", "https://api.cerebras.ai/v1", "cerebrasApiKey"),
            like("chatCometAPI", "https://api.cometapi.com/v1", "cometApiKey"),
            like("chatDeepseek", "https://api.deepseek.com", "deepseekApiKey"),
            like("chatFireworks", "https://api.fireworks.ai/inference/v1", "fireworksApiKey"),
            like("chatLitellm", null, "litellmApiKey"),
            like("chatLocalAI", null, "localAIApiKey"),
            like("chatNvidiaNIM", "https://integrate.api.nvidia.com/v1", "nvidiaNIMApiKey"),
            like("chatOpenAICustom", "https://api.openai.com/v1", "openAIApiKey"),
            like("chatOpenRouter", "https://openrouter.ai/api/v1", "openRouterApiKey"),
            like("chatPerplexity", "https://api.perplexity.ai", "perplexityApiKey"),
            like("chatSambanova", "https://api.sambanova.ai/v1", "sambanovaApiKey"),
            like("chatTogetherAI", "https://api.together.xyz/v1", "togetherAIApiKey"),
            like("chatXAI", "https://api.x.ai/v1", "xaiApiKey"),
            new Kin(
                "chatCohere",
                Dialect.COHERE,
                "https://api.cohere.ai/compatibility/v1",
                "cohereApiKey",
                "command-r7b-12-2024"),
            new Kin(
                "chatHuggingFace",
                Dialect.HUGGINGFACE,
                "https://router.huggingface.co/v1",
                "huggingFaceApiKey",
                null),
            new Kin(
                "chatCloudflareWorkersAI",
                Dialect.CLOUDFLARE,
                "https://api.cloudflare.com/client/v4/accounts",
                "cloudflareApiToken",
                "@cf/meta/llama-3.1-8b-instruct-fast"),
            new Kin(
                "chatBaiduWenxin",
                Dialect.BAIDU,
                "https://qianfan.baidubce.com/v2",
                "qianfanApiKey",
                null),
            new Kin("chatIBMWatsonx", Dialect.WATSONX, null, "watsonxAIApikey", null),
            new Vertex("chatGoogleVertexAI", "googleApplicationCredential"),
            new Bedrock("awsChatBedrock", "awsSecret"),
            new Nemo("chatNemoGuardrails", "nemoApiKey"))
        .forEach(provider -> all.put(provider.node(), provider));
    return all;
  }

  private static Provider like(String node, @Nullable String baseUrl, String keyField) {
    return new OpenAiLike(node, baseUrl, keyField, false);
  }
}
