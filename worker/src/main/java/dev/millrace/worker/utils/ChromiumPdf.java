package dev.millrace.worker.utils;

import dev.millrace.pgjobs.PermanentFailureException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Makes PDF with a headless Chromium, scripts included, as puppeteer does; a browser for each
 * document, two at a time. The document is given to it as the answer of an address that does not
 * exist, and so is everything else it asks for: each request stops here and is answered by the
 * guarded client, or refused.
 */
public final class ChromiumPdf implements PdfRenderer {
  private static final String DOCUMENT = "http://document.invalid/";
  private static final double INCH = 25.4;
  private static final int AT_ONCE = 2;
  private static final long LOAD_SECONDS = 60;
  private static final long STEP_SECONDS = 15;

  private final Path program;
  private final Resources resources;
  private final Semaphore turns = new Semaphore(AT_ONCE, true);

  private ChromiumPdf(Path program, Resources resources) {
    this.program = program;
    this.resources = resources;
  }

  /**
   * Returns the renderer.
   *
   * @param program null to look for one
   * @throws PermanentFailureException when there is no browser
   */
  static ChromiumPdf of(@Nullable Path program, Resources resources) {
    if (program != null) {
      return new ChromiumPdf(program, resources);
    }
    var found =
        Chromium.find()
            .orElseThrow(() ->
                new PermanentFailureException(
                    "no Chromium is installed here: install one, set CHROMIUM_PATH, or use"
                        + " PDF_RENDERER=builtin"));
    return new ChromiumPdf(found, resources);
  }

  @Override
  public byte[] render(String html, PageSetup page) throws IOException, InterruptedException {
    turns.acquire();
    try (var browser = Chromium.start(program)) {
      return print(browser.devTools(), html, page);
    } finally {
      turns.release();
    }
  }

  private byte[] print(DevTools tools, String html, PageSetup page)
      throws IOException, InterruptedException {
    var target =
        tools
            .ask(
                null, "Target.createTarget", tools.object().put("url", "about:blank"), STEP_SECONDS)
            .path("targetId")
            .asString();
    var session =
        tools
            .ask(
                null,
                "Target.attachToTarget",
                tools.object().put("targetId", target).put("flatten", true),
                STEP_SECONDS)
            .path("sessionId")
            .asString();
    var loaded = new CompletableFuture<JsonNode>();
    var fetching = resources.begin();
    tools.on("Page.loadEventFired", loaded::complete);
    tools.on("Fetch.requestPaused", paused -> answer(tools, session, paused, html, fetching));
    tools.ask(session, "Page.enable", tools.object(), STEP_SECONDS);
    var patterns = tools.object();
    patterns.putArray("patterns").addObject().put("urlPattern", "*");
    tools.ask(session, "Fetch.enable", patterns, STEP_SECONDS);
    tools.ask(session, "Page.navigate", tools.object().put("url", DOCUMENT), LOAD_SECONDS);
    await(loaded);
    var printed =
        tools.ask(
            session,
            "Page.printToPDF",
            tools
                .object()
                .put("printBackground", true)
                .put("preferCSSPageSize", true)
                .put("paperWidth", page.width() / INCH)
                .put("paperHeight", page.height() / INCH)
                .put("marginTop", page.margin() / INCH)
                .put("marginBottom", page.margin() / INCH)
                .put("marginLeft", page.margin() / INCH)
                .put("marginRight", page.margin() / INCH),
            LOAD_SECONDS);
    var document = Base64.getDecoder().decode(printed.path("data").asString(""));
    if (document.length > MOST_BYTES) {
      throw new PermanentFailureException(
          "the PDF would have more than %,d bytes".formatted(MOST_BYTES));
    }
    return document;
  }

  private static void await(CompletableFuture<JsonNode> loaded)
      throws IOException, InterruptedException {
    try {
      loaded.get(LOAD_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IOException("the document was not loaded within " + LOAD_SECONDS + " s", e);
    } catch (ExecutionException e) {
      throw new IOException("the document was not loaded", e);
    }
  }

  private static void answer(
      DevTools tools, String session, JsonNode paused, String html, Resources.Fetching fetching) {
    var id = paused.path("requestId").asString("");
    var url = paused.path("request").path("url").asString("");
    var isGet = paused.path("request").path("method").asString("").equals("GET");
    if (url.equals(DOCUMENT) && isGet) {
      fulfil(
          tools,
          session,
          id,
          new Resources.Resource(
              200, "text/html; charset=utf-8", html.getBytes(StandardCharsets.UTF_8)));
      return;
    }
    // What it looks for beside the document, an icon say, is not there.
    var found =
        isGet && !url.startsWith(DOCUMENT)
            ? fetching.fetch(url)
            : Optional.<Resources.Resource>empty();
    if (found.isPresent()) {
      fulfil(tools, session, id, found.get());
    } else {
      var _ =
          tools.send(
              session,
              "Fetch.failRequest",
              tools.object().put("requestId", id).put("errorReason", "BlockedByClient"));
    }
  }

  private static void fulfil(
      DevTools tools, String session, String id, Resources.Resource resource) {
    var answer =
        tools
            .object()
            .put("requestId", id)
            .put("responseCode", resource.status())
            .put("body", Base64.getEncoder().encodeToString(resource.content()));
    answer
        .putArray("responseHeaders")
        .addObject()
        .put("name", "Content-Type")
        .put("value", resource.mediaType());
    var _ = tools.send(session, "Fetch.fulfillRequest", answer);
  }
}
