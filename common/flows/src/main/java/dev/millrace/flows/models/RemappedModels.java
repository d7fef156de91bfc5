package dev.millrace.flows.models;

import dev.millrace.flows.engine.Cancellation;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sends the calls of some models elsewhere, so that flows run unchanged against a gateway, or
 * against a server in a test. Thread-safe.
 */
public final class RemappedModels implements ChatModels {
  private static final String AS = "chatOpenAICustom";

  /** What other nodes call the limit of an answer. */
  private static final List<String> LIMITS =
      List.of("maxTokens", "maxOutputTokens", "maxTokensToSample", "max_tokens_to_sample");

  private static final List<String> KEPT =
      List.of("temperature", "topP", "frequencyPenalty", "presencePenalty", "timeout");

  private final ChatModels models;
  private final Map<String, ModelRemap> table;
  private final Set<String> supported;

  private RemappedModels(ChatModels models, Map<String, ModelRemap> table) {
    this.models = models;
    this.table = Map.copyOf(table);
    var all = new HashSet<>(models.supported());
    all.addAll(table.keySet());
    all.remove(ModelRemap.ANY);
    this.supported = Set.copyOf(all);
  }

  /** Returns the models themselves when the table is empty. */
  public static ChatModels of(ChatModels models, Map<String, ModelRemap> table) {
    return table.isEmpty() ? models : new RemappedModels(models, table);
  }

  @Override
  public Set<String> supported() {
    return supported;
  }

  @Override
  public Answer call(Call call, ChatListener listener, Cancellation cancellation) {
    var remap = table.getOrDefault(call.model(), table.get(ModelRemap.ANY));
    return remap == null
        ? models.call(call, listener, cancellation)
        : models.call(elsewhere(call, remap), listener, cancellation);
  }

  private static Call elsewhere(Call call, ModelRemap remap) {
    var config = JsonMapper.shared().createObjectNode().put("basepath", remap.basepath());
    config.put("modelName", model(call, remap));
    for (var input : KEPT) {
      copy(call.config(), input, config, input);
    }
    for (var limit : LIMITS) {
      copy(call.config(), limit, config, "maxTokens");
    }
    var credential = JsonMapper.shared().createObjectNode();
    if (remap.key() != null) {
      credential.put("openAIApiKey", remap.key());
    }
    return call.of(AS, config, credential);
  }

  private static String model(Call call, ModelRemap remap) {
    if (remap.model() != null) {
      return remap.model();
    }
    for (var input : ModelConfig.NAMES) {
      var name = call.config().path(input).asString("");
      if (!name.isEmpty()) {
        return name;
      }
    }
    var provider = Provider.ALL.get(call.model());
    var offered = provider == null ? null : provider.defaultModel();
    return offered == null || offered.isEmpty() ? call.model() : offered;
  }

  private static void copy(ObjectNode from, String input, ObjectNode to, String as) {
    var value = from.get(input);
    if (value != null && !value.asString("").isEmpty()) {
      to.set(as, value);
    }
  }
}
