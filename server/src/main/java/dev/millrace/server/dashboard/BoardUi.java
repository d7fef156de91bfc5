package dev.millrace.server.dashboard;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** bull-board's pages, from the class path, where the build puts them. Immutable. */
final class BoardUi {
  private static final String FOLDER = "ui/";
  private static final Map<String, String> TYPES =
      Map.of(
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "json", "application/json; charset=utf-8",
          "svg", "image/svg+xml",
          "png", "image/png",
          "ico", "image/x-icon",
          "txt", "text/plain; charset=utf-8");

  private final @Nullable String page;
  private final String version;
  private final Set<String> files;

  BoardUi() {
    page = text("index.ejs");
    var listed = text("files.txt");
    version = String.valueOf(text("version.txt")).strip();
    files = listed == null ? Set.of() : new HashSet<>(listed.lines().toList());
  }

  /** Returns whether the build had npm. */
  boolean isThere() {
    return page != null;
  }

  /**
   * Returns the page.
   *
   * @param base where the dashboard is, with a slash at the end
   */
  String page(String base, String title, JsonNode config) {
    // Neither the end of the script element nor the begin of a comment may come from a value.
    var json = config.toString().replace("<", "\\u003c").replace(">", "\\u003e");
    return String.valueOf(page)
        .replace("<%= basePath %>", base)
        .replace("<%= title %>", title)
        .replace("<%= favIconDefault %>", "static/images/logo.svg")
        .replace("<%= favIconAlternative %>", "static/favicon-32x32.png")
        .replace("<%- uiConfig %>", json);
  }

  /**
   * A file.
   *
   * @param tag changes when it does
   * @param lasting whether its name does, too, so that it need not be asked for again
   */
  record File(byte[] bytes, String type, boolean zipped, String tag, boolean lasting) {}

  /**
   * Returns a file of the pages.
   *
   * @param path e.g. {@code static/js/main.js}
   * @param zip whether it may be compressed
   */
  Optional<File> file(String path, boolean zip) {
    if (!files.contains(path)) {
      return Optional.empty();
    }
    var zipped = zip ? bytes(path + ".gz") : null;
    var bytes = zipped != null ? zipped : bytes(path);
    if (bytes == null) {
      return Optional.empty();
    }
    var end = path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    var tag = "\"" + version + (zipped == null ? "" : "-gz") + "\"";
    var lasting = path.matches(".*\\.[0-9a-f]{8,}\\.(js|css)");
    return Optional.of(
        new File(
            bytes,
            TYPES.getOrDefault(end, "application/octet-stream"),
            zipped != null,
            tag,
            lasting));
  }

  private static @Nullable String text(String name) {
    var bytes = bytes(name);
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }

  private static byte @Nullable [] bytes(String name) {
    try (var in = BoardUi.class.getResourceAsStream(FOLDER + name)) {
      return in == null ? null : in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + name + " of the dashboard", e);
    }
  }
}
