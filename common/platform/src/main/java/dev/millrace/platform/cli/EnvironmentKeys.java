package dev.millrace.platform.cli;

import dev.millrace.flows.engine.Secrets;
import dev.millrace.flows.model.Json;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * Credentials without a database: whatever a flow asks for, it gets the keys of the environment, as
 * CI keeps them.
 */
final class EnvironmentKeys implements Secrets {
  /** Members of Flowise's credentials, and the variables that providers document. */
  private static final Map<String, String> NAMES =
      Map.of(
          "openAIApiKey", "OPENAI_API_KEY",
          "anthropicApiKey", "ANTHROPIC_API_KEY",
          "googleGenerativeAPIKey", "GOOGLE_API_KEY",
          "mistralAIAPIKey", "MISTRAL_API_KEY",
          "groqApiKey", "GROQ_API_KEY",
          "openRouterApiKey", "OPENROUTER_API_KEY",
          "deepseekApiKey", "DEEPSEEK_API_KEY");

  static final Secrets ALL = new EnvironmentKeys();

  private EnvironmentKeys() {}

  @Override
  public ObjectNode credential(String credentialId) {
    return unnamed();
  }

  /** Exports leave the ids of credentials out. */
  @Override
  public ObjectNode unnamed() {
    var keys = Json.object();
    NAMES.forEach((member, variable) -> {
      var value = System.getenv(variable);
      if (value != null && !value.isBlank()) {
        keys.put(member, value);
      }
    });
    return keys;
  }
}
