package dev.millrace.worker.utils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.flows.net.AddressPolicy;
import dev.millrace.flows.net.FetchLimits;
import dev.millrace.flows.net.GuardedHttp;
import dev.millrace.pgjobs.PermanentFailureException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.text.PDFTextStripper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

/** Both renderers, with the same documents. */
class PdfTest {
  enum Kind {
    BUILTIN,
    CHROMIUM
  }

  @TempDir private Path folder;
  private final Queue<String> asked = new ConcurrentLinkedQueue<>();
  private HttpServer server;
  private String base;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestURI().getPath());
          var body = "p:after { content: 'from a style sheet' }".getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "text/css");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    base = "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private byte[] render(Kind kind, String html, PageSetup page, String... allowed)
      throws IOException, InterruptedException {
    try (var http =
        new GuardedHttp(AddressPolicy.of(true, List.of(), List.of(allowed)), FetchLimits.DEFAULT)) {
      var resources = new Resources(http);
      if (kind == Kind.BUILTIN) {
        return new BuiltinPdf(resources, folder.resolve("fonts")).render(html, page);
      }
      assumeTrue(Chromium.find().isPresent(), "no Chromium is installed here");
      return ChromiumPdf.of(null, resources).render(html, page);
    }
  }

  private static String text(byte[] pdf) throws IOException {
    try (var document = Loader.loadPDF(pdf)) {
      return new PDFTextStripper().getText(document);
    }
  }

  @ParameterizedTest
  @EnumSource
  void drawsWhatIsThere(Kind kind) throws Exception {
    var pdf =
        render(
            kind,
            "<p>Été — 1\u202F234,50\u00A0€ &amp; <b>Straße</b><br>unclosed <i>tags",
            PageSetup.of(
                JsonMapper.shared()
                    .readTree("{\"format\": \"A5\", \"landscape\": true, \"margin\": \"1cm\"}")));

    assertThat(text(pdf).replaceAll("[\\s\u00A0\u202F]+", " "))
        .contains("Été — 1 234,50 € & Straße", "unclosed tags");
    try (var document = Loader.loadPDF(pdf)) {
      var box = document.getPage(0).getMediaBox();
      assertThat(box.getWidth()).isBetween(590f, 600f);
      assertThat(box.getHeight()).isBetween(415f, 425f);
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingOfThisMachineOrItsNetworkGetsIn(Kind kind) throws Exception {
    var secret = Files.writeString(folder.resolve("secret.txt"), "s3cret");
    var css = Files.writeString(folder.resolve("secret.css"), "p:after { content: 's3cret' }");

    var pdf =
        render(
            kind,
            """
            <html><head>
            <link rel="stylesheet" href="file://%2$s">
            <link rel="stylesheet" href="%2$s">
            <link rel="stylesheet" href="%3$s/style.css">
            <style>@import url('file://%2$s'); @import url('%3$s/import.css');
              p { background: url('%3$s/background.png') }</style></head>
            <body><p>visible</p><iframe src="file://%1$s"></iframe><embed src="file://%1$s">
            <object data="file://%1$s">no</object><img src="%3$s/picture.png">
            <script>fetch('%3$s/fetch').then(r => r.text()).then(t => document.body.append(t));
              new WebSocket('%4$s/socket'); new Image().src = '%3$s/image';</script>
            <a href="file://%1$s" download="x">link</a>
            </body></html>
            """
                .formatted(secret, css, base, base.replace("http", "ws")),
            PageSetup.DEFAULT);

    assertThat(text(pdf)).contains("visible").doesNotContain("s3cret", "from a style sheet");
    assertThat(new String(pdf, StandardCharsets.ISO_8859_1)).doesNotContain("s3cret");
    assertThat(asked).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void whatTheGuardAllowsIsFetched(Kind kind) throws Exception {
    var html = "<link rel='stylesheet' href='%s/style.css'><p>x </p>".formatted(base);

    var pdf = render(kind, html, PageSetup.DEFAULT, "127.0.0.0/8");

    assertThat(text(pdf)).contains("from a style sheet");
    assertThat(asked).contains("/style.css");
  }

  @ParameterizedTest
  @EnumSource(names = "BUILTIN")
  void whatIsTooMuchIsForGood(Kind kind) {
    assertThatThrownBy(() -> render(kind, "<p>".repeat(300_000), PageSetup.DEFAULT))
        .isInstanceOf(PermanentFailureException.class);
    assertThatThrownBy(() -> render(kind, "x".repeat(11_000_000), PageSetup.DEFAULT))
        .isInstanceOf(PermanentFailureException.class)
        .hasMessageContaining("11,000,000 characters");
  }
}
