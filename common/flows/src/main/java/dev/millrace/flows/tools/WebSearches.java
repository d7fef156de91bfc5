package dev.millrace.flows.tools;

import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The search engines that Flowise's flows name, each behind its own key. The address of each can be
 * changed by {@code baseUrl} in its settings, for a proxy.
 */
final class WebSearches {
  private static final String WHAT_FOR =
      " Useful for what may have happened lately, and for facts that you are not sure of.";

  private final HttpCalls http;

  WebSearches(HttpCalls http) {
    this.http = http;
  }

  /** Returns the makers by the name of their component. */
  Map<String, ToolMaker> makers() {
    return Map.of(
        "googleCustomSearch", this::google,
        "serpAPI", this::serpApi,
        "serper", this::serper,
        "braveSearchAPI", this::brave,
        "tavilyAPI", this::tavily,
        "exaSearch", this::exa,
        "searXNG", this::searxng,
        "searchAPI", this::searchApi);
  }

  private List<Tool> google(ToolOrder order) {
    String key = order.required("googleCustomSearchApiKey");
    String engine = order.required("googleCustomSearchApiId");
    String base = base(order, "https://www.googleapis.com/customsearch/v1");
    return SearchTool.of(
        "google-custom-search",
        "Searches the web with Google." + WHAT_FOR,
        (question, scope) -> {
          var query = query("key", key, "cx", engine, "q", question);
          JsonNode found = get(base, query, Map.of(), scope);
          return rows(found.path("items"), Set.of("title", "link", "snippet"));
        });
  }

  private List<Tool> serpApi(ToolOrder order) {
    String key = order.required("serpApiKey");
    String base = base(order, "https://serpapi.com/search");
    return SearchTool.of(
        "search",
        "Searches the web." + WHAT_FOR,
        (question, scope) -> {
          var query = query("api_key", key, "engine", "google", "q", question);
          JsonNode found = get(base, query, Map.of(), scope);
          for (String member : List.of("answer", "snippet")) {
            String answer = JsonText.of(found.path("answer_box").path(member));
            if (!answer.isEmpty()) {
              return answer;
            }
          }
          return rows(found.path("organic_results"), Set.of("title", "link", "snippet"));
        });
  }

  private List<Tool> serper(ToolOrder order) {
    String key = order.required("serperApiKey");
    String base = base(order, "https://google.serper.dev/search");
    return SearchTool.of(
        "search",
        "Searches the web." + WHAT_FOR,
        (question, scope) -> {
          var body = Json.object().put("q", question);
          JsonNode found = http.json("POST", base, Map.of("X-API-KEY", key), body, scope);
          String answer = JsonText.of(found.path("answerBox").path("answer"));
          return answer.isEmpty()
              ? rows(found.path("organic"), Set.of("title", "link", "snippet"))
              : answer;
        });
  }

  private List<Tool> brave(ToolOrder order) {
    String key = order.required("braveApiKey");
    String base = base(order, "https://api.search.brave.com/res/v1/web/search");
    return SearchTool.of(
        "brave-search",
        "Searches the web with Brave." + WHAT_FOR,
        (question, scope) -> {
          var headers = Map.of("X-Subscription-Token", key, "Accept", "application/json");
          JsonNode found = get(base, query("q", question), headers, scope);
          return rows(found.path("web").path("results"), Set.of("title", "url", "description"));
        });
  }

  private List<Tool> tavily(ToolOrder order) {
    String key = order.required("tavilyApiKey");
    String base = base(order, "https://api.tavily.com/search");
    ObjectNode asked = Json.object();
    asked.put("topic", order.text("topic", "general"));
    asked.put("search_depth", order.text("searchDepth", "basic"));
    asked.put("max_results", order.number("maxResults", 5));
    return SearchTool.of(
        "tavily_search",
        "Searches the web and tells what the pages say." + WHAT_FOR,
        (question, scope) -> {
          var body = Json.shallowCopy(asked).put("query", question);
          var headers = Map.of("Authorization", "Bearer " + key);
          JsonNode found = http.json("POST", base, headers, body, scope);
          return rows(found.path("results"), Set.of("title", "url", "content", "score"));
        });
  }

  private List<Tool> exa(ToolOrder order) {
    String key = order.required("exaSearchApiKey");
    String base = base(order, "https://api.exa.ai/search");
    int limit = order.number("numResults", 5);
    return SearchTool.of(
        "exa_search",
        order.text("description", "Searches the web by meaning." + WHAT_FOR),
        (question, scope) -> {
          ObjectNode body = Json.object().put("query", question).put("numResults", limit);
          body.set("contents", Json.object().put("text", true));
          JsonNode found = http.json("POST", base, Map.of("x-api-key", key), body, scope);
          return rows(found.path("results"), Set.of("title", "url", "text", "publishedDate"));
        });
  }

  private List<Tool> searxng(ToolOrder order) {
    String base = order.text("apiBase", "http://localhost:8080");
    String address = (base.endsWith("/") ? base : base + "/") + "search";
    Map<String, String> headers = HttpCalls.headers(order.json("headers"));
    var fixed = new LinkedHashMap<String, String>();
    for (String name :
        List.of("categories", "engines", "language", "pageno", "time_range", "safesearch")) {
      String value = order.text(name);
      if (!value.isEmpty()) {
        fixed.put(name, value);
      }
    }
    return SearchTool.of(
        ToolNames.keep(order.text("toolName"), "searxng-search"),
        order.text("toolDescription", "Searches the web with SearXNG." + WHAT_FOR),
        (question, scope) -> {
          var query = query("q", question, "format", "json");
          query.putAll(fixed);
          JsonNode found = get(address, query, headers, scope);
          return rows(found.path("results"), Set.of("title", "url", "content"));
        });
  }

  private List<Tool> searchApi(ToolOrder order) {
    String key = order.required("searchApiKey");
    String base = base(order, "https://www.searchapi.io/api/v1/search");
    return SearchTool.of(
        "search",
        "Searches the web." + WHAT_FOR,
        (question, scope) -> {
          var headers = Map.of("Authorization", "Bearer " + key);
          JsonNode found = get(base, query("engine", "google", "q", question), headers, scope);
          return rows(found.path("organic_results"), Set.of("title", "link", "snippet"));
        });
  }

  private static String base(ToolOrder order, String otherwise) {
    return order.text("baseUrl", otherwise);
  }

  private JsonNode get(
      String url, Map<String, String> query, Map<String, String> headers, ToolScope scope) {
    return http.json("GET", HttpCalls.withQuery(url, query), headers, null, scope);
  }

  private static Map<String, String> query(String... pairs) {
    var query = new LinkedHashMap<String, String>();
    for (int index = 0; index < pairs.length; index += 2) {
      query.put(pairs[index], pairs[index + 1]);
    }
    return query;
  }

  /** Keeps of every result what a model can use. */
  private static String rows(JsonNode results, Set<String> members) {
    var rows = Json.array();
    for (JsonNode result : results) {
      ObjectNode row = Json.object();
      for (var member : result.properties()) {
        if (members.contains(member.getKey())) {
          row.set(member.getKey(), member.getValue());
        }
      }
      rows.add(row);
    }
    return rows.isEmpty() ? "No results." : Json.write(rows);
  }
}
