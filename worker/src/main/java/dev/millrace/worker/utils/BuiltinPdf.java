package dev.millrace.worker.utils;

import com.openhtmltopdf.extend.FSStream;
import com.openhtmltopdf.outputdevice.helper.BaseRendererBuilder.FontStyle;
import com.openhtmltopdf.outputdevice.helper.ExternalResourceControlPriority;
import com.openhtmltopdf.pdfboxout.PdfRendererBuilder;
import com.openhtmltopdf.slf4j.Slf4jLogger;
import com.openhtmltopdf.util.XRLog;
import dev.millrace.pgjobs.PermanentFailureException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import org.jsoup.Jsoup;
import org.jsoup.helper.W3CDom;
import org.jspecify.annotations.Nullable;

/**
 * Makes PDF in this process, with openhtmltopdf: CSS 2.1 and paged media; no scripts, no flexbox.
 * HTML need not be well-formed. As many at a time as there are processors. Fonts are those that
 * every PDF reader has (Latin letters), and the {@code .ttf} files of folder {@code fonts} beside
 * the templates, each a family of its file's name.
 */
public final class BuiltinPdf implements PdfRenderer {
  private static final int MOST_CHARACTERS = 10 << 20;
  private static final int MOST_ELEMENTS = 200_000;

  static {
    XRLog.setLoggerImpl(new Slf4jLogger());
  }

  private final Resources resources;
  private final Path fonts;
  private final Semaphore turns = new Semaphore(Runtime.getRuntime().availableProcessors(), true);

  public BuiltinPdf(Resources resources, Path fonts) {
    this.resources = resources;
    this.fonts = fonts;
  }

  @Override
  public byte[] render(String html, PageSetup page) throws IOException, InterruptedException {
    if (html.length() > MOST_CHARACTERS) {
      throw new PermanentFailureException(
          "the HTML has %,d characters; at most %,d become a PDF"
              .formatted(html.length(), MOST_CHARACTERS));
    }
    turns.acquire();
    try {
      return draw(html, page);
    } catch (StackOverflowError e) {
      throw new PermanentFailureException("the HTML's elements are nested too deep", e);
    } finally {
      turns.release();
    }
  }

  private byte[] draw(String html, PageSetup page) throws IOException {
    // Thin spaces, which number formats have, are in none of the fonts that every reader has.
    var document = Jsoup.parse(html.replace('\u202F', '\u00A0').replace('\u2009', '\u00A0'));
    if (document.getAllElements().size() > MOST_ELEMENTS) {
      throw new PermanentFailureException(
          "the HTML has more than %,d elements".formatted(MOST_ELEMENTS));
    }
    // First, so that the document's own rules win.
    document.head().prependElement("style").appendText(page.css());
    var out = new BoundedOutput();
    var fetching = resources.begin();
    var builder = new PdfRendererBuilder();
    builder.withW3cDocument(new W3CDom().fromJsoup(document), null);
    builder.useUriResolver((_, uri) -> Resources.isFetchable(uri) || isData(uri) ? uri : null);
    for (var moment : ExternalResourceControlPriority.values()) {
      builder.useExternalResourceAccessControl(
          (uri, _) -> uri != null && (Resources.isFetchable(uri) || isData(uri)), moment);
    }
    builder.useHttpStreamImplementation(
        uri -> new Body(fetching.fetch(uri).map(Resources.Resource::content).orElse(new byte[0])));
    for (var font : fontFiles()) {
      var name = String.valueOf(font.getFileName()).replaceFirst("\\.ttf$", "");
      builder.useFont(font.toFile(), name, 400, FontStyle.NORMAL, true);
    }
    builder.withProducer("Millrace");
    builder.toStream(out);
    builder.run();
    return out.toByteArray();
  }

  private List<Path> fontFiles() throws IOException {
    if (!Files.isDirectory(fonts)) {
      return List.of();
    }
    try (var files = Files.list(fonts)) {
      return files.filter(file -> file.toString().endsWith(".ttf")).sorted().toList();
    }
  }

  private static boolean isData(@Nullable String uri) {
    return uri != null && uri.toLowerCase(Locale.ROOT).startsWith("data:");
  }

  private record Body(byte[] content) implements FSStream {
    @Override
    public InputStream getStream() {
      return new ByteArrayInputStream(content);
    }

    @Override
    public Reader getReader() {
      return new InputStreamReader(getStream(), StandardCharsets.UTF_8);
    }
  }

  private static final class BoundedOutput extends ByteArrayOutputStream {
    @Override
    public synchronized void write(int b) {
      require(1);
      super.write(b);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
      require(length);
      super.write(bytes, offset, length);
    }

    private void require(int more) {
      if (count + more > MOST_BYTES) {
        throw new PermanentFailureException(
            "the PDF would have more than %,d bytes".formatted(MOST_BYTES));
      }
    }
  }
}
