package dev.millrace.flows.tools;

import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Element;
import org.jsoup.parser.Parser;
import tools.jackson.databind.JsonNode;

/** Wikipedia, arXiv and WolframAlpha. */
final class Encyclopedias {
  private static final int LONGEST_ARTICLE = 4_000;
  private static final int LONGEST_PAPERS = 10_000;

  private final HttpCalls http;

  Encyclopedias(HttpCalls http) {
    this.http = http;
  }

  /** Returns the makers by the name of their component. */
  Map<String, ToolMaker> makers() {
    return Map.of(
        "wikipedia", this::wikipedia,
        "arxiv", this::arxiv,
        "wolframAlpha", this::wolfram);
  }

  private List<Tool> wikipedia(ToolOrder order) {
    String base = order.text("baseUrl", "https://en.wikipedia.org/w/api.php");
    String limit = Integer.toString(Math.clamp(order.number("topKResults", 3), 1, 10));
    int longest = order.number("maxDocContentLength", LONGEST_ARTICLE);
    return SearchTool.of(
        "wikipedia-api",
        "Looks things, people and events up in Wikipedia.",
        (question, scope) -> {
          var query = new LinkedHashMap<String, String>();
          query.put("action", "query");
          query.put("format", "json");
          query.put("generator", "search");
          query.put("gsrsearch", question);
          query.put("gsrlimit", limit);
          query.put("prop", "extracts");
          query.put("explaintext", "1");
          query.put("exlimit", limit);
          query.put("exintro", "1");
          JsonNode found =
              http.json("GET", HttpCalls.withQuery(base, query), Map.of(), null, scope);
          var text = new StringBuilder();
          for (JsonNode page : found.path("query").path("pages")) {
            text.append("Page: ").append(JsonText.of(page.path("title")));
            text.append("\nSummary: ").append(JsonText.of(page.path("extract"))).append("\n\n");
          }
          return text.isEmpty() ? "No article was found." : cut(text.toString().strip(), longest);
        });
  }

  private List<Tool> arxiv(ToolOrder order) {
    String base = order.text("baseUrl", "https://export.arxiv.org/api/query");
    String limit = Integer.toString(Math.clamp(order.number("topKResults", 3), 1, 20));
    int longest = order.number("maxQueryLength", 300);
    int content = order.number("docContentCharsMax", LONGEST_PAPERS);
    return SearchTool.of(
        ToolNames.keep(order.text("arxivName"), "arxiv_search"),
        order.text(
            "arxivDescription",
            "Finds scientific papers on arXiv, with their summaries. Ask with a few words."),
        (question, scope) -> {
          var query = new LinkedHashMap<String, String>();
          query.put("search_query", "all:" + cut(question, longest));
          query.put("max_results", limit);
          String url = HttpCalls.withQuery(base, query);
          var feed =
              Jsoup.parse(http.text("GET", url, Map.of(), null, scope), base, Parser.xmlParser());
          var rows = Json.array();
          for (Element entry : feed.select("entry")) {
            var authors = Json.array();
            entry.select("author > name").forEach(name -> authors.add(name.text()));
            var row = Json.object();
            row.put("title", text(entry, "title")).put("url", text(entry, "id"));
            row.put("published", text(entry, "published"));
            row.set("authors", authors);
            rows.add(row.put("summary", text(entry, "summary")));
          }
          if (rows.isEmpty()) {
            return "No paper was found.";
          }
          return content == 0 ? Json.write(rows) : cut(Json.write(rows), content);
        });
  }

  private List<Tool> wolfram(ToolOrder order) {
    String id = order.required("wolframAlphaAppId");
    String base = order.text("baseUrl", "https://www.wolframalpha.com/api/v1/llm-api");
    return SearchTool.of(
        "wolfram_alpha",
        "Answers questions of mathematics, science, units, places and dates.",
        (question, scope) -> {
          var query = new LinkedHashMap<String, String>();
          query.put("appid", id);
          query.put("input", question);
          return http.text("GET", HttpCalls.withQuery(base, query), Map.of(), null, scope);
        });
  }

  private static String text(Element entry, String name) {
    Element element = entry.selectFirst(name);
    return element == null ? "" : element.text();
  }

  private static String cut(String text, int longest) {
    return text.length() > longest ? text.substring(0, longest) : text;
  }
}
