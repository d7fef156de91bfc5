package dev.millrace.flows.lint;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What models, tools and stores cannot do without, by their names. Their parameters are not in
 * exports, which have only those of the nodes.
 */
final class ComponentNeeds {
  /**
   * What one component needs.
   *
   * @param inputs names of its inputs
   * @param secret the input that may hold what the credential holds; "" when it needs none
   */
  record Needs(List<String> inputs, String secret) {}

  private static final Map<String, Needs> ALL = all();

  private ComponentNeeds() {}

  /** Returns what a component needs; nothing of one that is not known. */
  static Needs of(String component) {
    return ALL.getOrDefault(component, new Needs(List.of(), ""));
  }

  private static Map<String, Needs> all() {
    var all = new HashMap<String, Needs>();
    secret(all, "chatOpenAI", "openAIApiKey");
    secret(all, "azureChatOpenAI", "azureOpenAIApiKey");
    secret(all, "chatAnthropic", "anthropicApiKey");
    secret(all, "chatGoogleGenerativeAI", "googleGenerativeAPIKey");
    secret(all, "chatMistralAI", "mistralAIAPIKey");
    secret(all, "groqChat", "groqApiKey");
    secret(all, "chatOpenRouter", "openRouterApiKey");
    secret(all, "chatDeepseek", "deepseekApiKey");
    secret(all, "openAIEmbeddings", "openAIApiKey");
    secret(all, "azureOpenAIEmbeddings", "azureOpenAIApiKey");
    secret(all, "mistralAIEmbeddings", "mistralAIAPIKey");
    secret(all, "googleGenerativeAiEmbeddings", "googleGenerativeAPIKey");
    secret(all, "googleCustomSearch", "googleCustomSearchApiKey");
    secret(all, "serpAPI", "serpApiKey");
    secret(all, "serper", "serperApiKey");
    secret(all, "searchAPI", "searchApiKey");
    secret(all, "braveSearchAPI", "braveApiKey");
    secret(all, "tavilyAPI", "tavilyApiKey");
    secret(all, "exaSearch", "exaSearchApiKey");
    secret(all, "wolframAlpha", "wolframAlphaAppId");
    secret(all, "slackMCP", "botToken");
    secret(all, "braveSearchMCP", "braveApiKey");
    secret(all, "githubMCP", "accessToken");
    secret(all, "postgreSQLMCP", "postgresUrl");
    inputs(all, "chatOllama", "modelName");
    inputs(all, "requestsGet", "requestsGetUrl");
    inputs(all, "requestsPost", "requestsPostUrl");
    inputs(all, "requestsPut", "requestsPutUrl");
    inputs(all, "requestsDelete", "requestsDeleteUrl");
    inputs(all, "customTool", "selectedTool");
    inputs(all, "ChatflowTool", "selectedChatflow");
    inputs(all, "agentAsTool", "selectedAgentflow");
    inputs(all, "customMCP", "mcpServerConfig");
    inputs(all, "qdrant", "qdrantServerUrl", "qdrantCollection");
    return Map.copyOf(all);
  }

  private static void secret(Map<String, Needs> all, String component, String member) {
    all.put(component, new Needs(List.of(), member));
  }

  private static void inputs(Map<String, Needs> all, String component, String... names) {
    all.put(component, new Needs(List.of(names), ""));
  }
}
