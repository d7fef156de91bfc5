package dev.millrace.flows.models;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.anthropic.AnthropicTokenUsage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.googleai.GoogleAiGeminiTokenUsage;
import dev.langchain4j.model.openai.OpenAiChatResponseMetadata;
import dev.langchain4j.model.openai.OpenAiTokenUsage;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Turns LangChain4j's answers into ours, with the metadata that Flowise records. */
final class Answers {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** The input that says which form an answer has to have. */
  private static final String FORM = "StructuredOutput";

  private Answers() {}

  static ChatModels.Answer of(
      ChatResponse response, ModelConfig config, boolean structured, ChatModels.Made made) {
    var message = response.aiMessage();
    var text = message.text() == null ? "" : message.text();
    return new ChatModels.Answer(
        text,
        structured ? arguments(response, text) : null,
        message.thinking(),
        usage(response.tokenUsage()),
        metadata(response, config),
        structured ? List.of() : calls(message),
        carry(message),
        made);
  }

  private static List<ToolRound.Call> calls(AiMessage message) {
    var calls = new ArrayList<ToolRound.Call>();
    for (ToolExecutionRequest call : message.toolExecutionRequests()) {
      // Some providers know no ids; results are then matched by these.
      var id = call.id() == null || call.id().isEmpty() ? "call_" + calls.size() : call.id();
      var arguments = call.arguments() == null ? "" : call.arguments();
      calls.add(new ToolRound.Call(id, call.name() == null ? "" : call.name(), arguments));
    }
    return calls;
  }

  /** Models that think want to see their thoughts, and the seals on them, in the next call. */
  private static ObjectNode carry(AiMessage message) {
    var carry = JSON.createObjectNode();
    if (message.hasToolExecutionRequests()) {
      if (message.thinking() != null) {
        carry.put("thinking", message.thinking());
      }
      if (!message.attributes().isEmpty()) {
        carry.set("attributes", JSON.valueToTree(message.attributes()));
      }
    }
    return carry;
  }

  private static ObjectNode arguments(ChatResponse response, String text) {
    var calls = response.aiMessage().toolExecutionRequests();
    var json = calls == null || calls.isEmpty() ? unfenced(text) : calls.getFirst().arguments();
    try {
      if (json != null && JSON.readTree(json) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      throw ModelException.of(
          FORM, "the model's structured answer is not valid JSON: " + e.getOriginalMessage(), e);
    }
    throw ModelException.of(
        FORM, "the model gave no structured answer; it may not support function calls", null);
  }

  /** A model that cannot be forced often wraps its JSON in a Markdown fence. */
  private static String unfenced(String text) {
    var start = text.indexOf('{');
    var end = text.lastIndexOf('}');
    return start < 0 || end < start ? "null" : text.substring(start, end + 1);
  }

  private static ObjectNode usage(@Nullable TokenUsage usage) {
    var told = JSON.createObjectNode();
    if (usage == null || usage.inputTokenCount() == null || usage.outputTokenCount() == null) {
      return told;
    }
    told.put("input_tokens", usage.inputTokenCount());
    told.put("output_tokens", usage.outputTokenCount());
    told.put("total_tokens", total(usage));
    var input = told.putObject("input_token_details");
    var output = told.putObject("output_token_details");
    switch (usage) {
      case OpenAiTokenUsage openAi -> {
        if (openAi.inputTokensDetails() != null) {
          put(input, "cache_read", openAi.inputTokensDetails().cachedTokens());
        }
        if (openAi.outputTokensDetails() != null) {
          put(output, "reasoning", openAi.outputTokensDetails().reasoningTokens());
        }
      }
      case AnthropicTokenUsage anthropic -> {
        put(input, "cache_creation", anthropic.cacheCreationInputTokens());
        put(input, "cache_read", anthropic.cacheReadInputTokens());
      }
      case GoogleAiGeminiTokenUsage gemini -> {
        put(input, "cache_read", gemini.cachedContentTokenCount());
        put(output, "reasoning", gemini.thoughtsTokenCount());
      }
      default -> {
        // The others tell the three numbers only.
      }
    }
    return told;
  }

  private static ObjectNode metadata(ChatResponse response, ModelConfig config) {
    var told = JSON.createObjectNode();
    if (config.provider() instanceof Provider.OpenAiLike
        || config.provider() instanceof Provider.Azure) {
      told.put("prompt", 0).put("completion", 0); // the indices of the choice, always the first
    }
    told.put("model_provider", config.provider().label());
    var usage = response.tokenUsage();
    if (usage != null && usage.inputTokenCount() != null && usage.outputTokenCount() != null) {
      told.putObject("usage")
          .put("prompt_tokens", usage.inputTokenCount())
          .put("completion_tokens", usage.outputTokenCount())
          .put("total_tokens", total(usage));
    }
    var reason = response.finishReason();
    if (reason != null) {
      told.put("finish_reason", name(reason));
    }
    told.put("model_name", response.modelName() == null ? config.model() : response.modelName());
    if (response.metadata() instanceof OpenAiChatResponseMetadata openAi) {
      if (openAi.systemFingerprint() != null) {
        told.put("system_fingerprint", openAi.systemFingerprint());
      }
      if (openAi.serviceTier() != null) {
        told.put("service_tier", openAi.serviceTier());
      }
    }
    return told;
  }

  private static int total(TokenUsage usage) {
    return usage.totalTokenCount() == null
        ? usage.inputTokenCount() + usage.outputTokenCount()
        : usage.totalTokenCount();
  }

  private static String name(FinishReason reason) {
    return switch (reason) {
      case STOP -> "stop";
      case LENGTH -> "length";
      case TOOL_EXECUTION -> "tool_calls";
      case CONTENT_FILTER -> "content_filter";
      case OTHER -> "other";
    };
  }

  private static void put(ObjectNode details, String key, @Nullable Integer count) {
    if (count != null) {
      details.put(key, count);
    }
  }
}
