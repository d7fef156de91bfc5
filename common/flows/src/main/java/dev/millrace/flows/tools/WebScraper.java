package dev.millrace.flows.tools;

import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ToolSpec;
import dev.millrace.flows.net.HttpFetcher.Response;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads a page, the pages it links to on the same host, or those of a sitemap, as text ({@code
 * webScraperTool}).
 */
final class WebScraper implements Tool {
  private static final int MOST_PAGES = 100;
  private static final int LONGEST_PAGE = 100_000;

  private record Link(String url, int depth) {}

  private final HttpCalls http;
  private final boolean sitemap;
  private final int depth;
  private final int pages;
  private final Duration patience;
  private final ToolSpec spec;

  private WebScraper(HttpCalls http, ToolOrder order) {
    this.http = http;
    this.sitemap = order.text("scrapeMode").equals("sitemap");
    this.depth = order.number("maxDepth", 1);
    this.pages = Math.clamp(order.number("maxPages", 10), 1, MOST_PAGES);
    this.patience = Duration.ofSeconds(Math.max(1, order.number("timeoutS", 60)));
    this.spec =
        new ToolSpec(
            "web_scraper_tool",
            order.text(
                "description",
                "Reads web pages and tells their titles and texts as JSON, beginning at a URL."),
            Schemas.text("url", "the address to begin at, with http:// or https://"));
  }

  static ToolMaker maker(HttpCalls http) {
    return order -> List.of(new WebScraper(http, order));
  }

  @Override
  public ToolSpec spec() {
    return spec;
  }

  @Override
  public ToolResult call(ObjectNode arguments, ToolScope scope) {
    String start = arguments.path("url").asString("").strip();
    if (!start.startsWith("http://") && !start.startsWith("https://")) {
      throw new FlowException("\"" + start + "\" is no web address: begin with https://.");
    }
    long deadline = System.nanoTime() + patience.toNanos();
    Queue<Link> queue = new ArrayDeque<>();
    var seen = new HashSet<String>();
    List<String> listed = sitemap ? sitemap(start, scope) : List.of();
    boolean follows = listed.isEmpty(); // links, also where there is no sitemap
    for (String url : follows ? List.of(start) : listed) {
      if (seen.add(url)) {
        queue.add(new Link(url, 1));
      }
    }
    ArrayNode read = Json.array();
    for (Link link = queue.poll();
        link != null && read.size() < pages && System.nanoTime() - deadline < 0;
        link = queue.poll()) {
      for (String next : page(link, read, scope)) {
        if (follows && link.depth() < depth && seen.size() < 10 * MOST_PAGES && seen.add(next)) {
          queue.add(new Link(next, link.depth() + 1));
        }
      }
    }
    return ToolResult.text(Json.write(read));
  }

  /** Reads a page and returns where it leads on the same host. */
  private List<String> page(Link link, ArrayNode read, ToolScope scope) {
    ObjectNode told = Json.object().put("url", link.url());
    try {
      Response response = http.send("GET", link.url(), Map.of("Accept", "text/html"), null, scope);
      String type = response.headers().getOrDefault("content-type", "text/html");
      String text = HttpCalls.success(response, link.url());
      if (!type.contains("html")) {
        read.add(told.put("title", "").put("description", "").put("body_text", cut(text)));
        return List.of();
      }
      Document page = Jsoup.parse(text, link.url());
      Element about = page.selectFirst("meta[name=description]");
      var next = links(page, link.url());
      page.select("script, style, noscript, svg, iframe").remove();
      told.put("title", page.title());
      told.put("description", about == null ? "" : about.attr("content"));
      read.add(told.put("body_text", cut(page.body().text())));
      return next;
    } catch (FlowCancelledException e) {
      throw e;
    } catch (FlowException e) {
      read.add(told.put("error", e.getMessage()));
      return List.of();
    }
  }

  private static String cut(String text) {
    return text.length() > LONGEST_PAGE ? text.substring(0, LONGEST_PAGE) : text;
  }

  private static List<String> links(Document page, String from) {
    var links = new ArrayList<String>();
    String host = host(from);
    for (Element anchor : page.select("a[href]")) {
      String url = anchor.absUrl("href");
      int hash = url.indexOf('#');
      url = hash < 0 ? url : url.substring(0, hash);
      if (url.startsWith("http") && host(url).equals(host)) {
        links.add(url);
      }
    }
    return links;
  }

  private static String host(String url) {
    try {
      String host = URI.create(url).getHost();
      return host == null ? "" : host;
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private List<String> sitemap(String start, ToolScope scope) {
    String address =
        start.endsWith(".xml") ? start : URI.create(start).resolve("/sitemap.xml").toString();
    String xml;
    try {
      xml = http.text("GET", address, Map.of(), null, scope);
    } catch (FlowCancelledException e) {
      throw e;
    } catch (FlowException e) {
      return List.of();
    }
    return Jsoup.parse(xml, address, org.jsoup.parser.Parser.xmlParser()).select("loc").stream()
        .map(Element::text)
        .filter(url -> url.startsWith("http"))
        .limit(pages)
        .toList();
  }
}
