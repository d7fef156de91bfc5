package dev.millrace.worker.utils;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.MustacheException;
import dev.millrace.pgjobs.PermanentFailureException;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Fills Mustache templates: {@code NAME.html} and {@code NAME.txt} of the operator's folder, else
 * those that come along. They hold no logic and reach nothing but the data they are given; {@code
 * {{name}}} is escaped in HTML, whatever it holds. Thread-safe.
 */
public final class Templates {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,100}");
  private static final int MOST_BYTES = 5 << 20;

  /** A template that includes itself, or lists of lists, may write for ever. */
  private static final int MOST_CHARACTERS = 20 << 20;

  private final Path folder;

  /**
   * @param folder of the operator's templates; need not exist
   */
  public Templates(Path folder) {
    this.folder = folder;
  }

  /**
   * Fills a template of HTML.
   *
   * @throws PermanentFailureException when there is none of that name, or it cannot be filled
   */
  public String html(String name, JsonNode data) {
    var text =
        find(name, ".html")
            .orElseThrow(() ->
                new PermanentFailureException(
                    "there is no template %s.html, neither in %s nor built in"
                        .formatted(name, folder)));
    return fill(name + ".html", text, data, true);
  }

  /** Fills a template of plain text; nothing when there is none. */
  public Optional<String> text(String name, JsonNode data) {
    return find(name, ".txt").map(text -> fill(name + ".txt", text, data, false));
  }

  private String fill(String name, String text, JsonNode data, boolean isHtml) {
    var compiler =
        Mustache.compiler()
            .escapeHTML(isHtml)
            .defaultValue("")
            .emptyStringIsFalse(true)
            .withLoader(part ->
                new StringReader(
                    find(part, isHtml ? ".html" : ".txt")
                        .orElseThrow(() ->
                            new PermanentFailureException(
                                "template "
                                    + name
                                    + " includes "
                                    + part
                                    + ", which is not there"))));
    try {
      var out = new BoundedWriter();
      // Plain maps and lists: a template cannot call methods of anything.
      compiler.compile(text).execute(JsonMapper.shared().convertValue(data, Object.class), out);
      return out.toString();
    } catch (MustacheException | StackOverflowError e) {
      throw new PermanentFailureException(
          "template " + name + " cannot be filled: " + e.getMessage(), e);
    }
  }

  private Optional<String> find(String name, String extension) {
    if (!NAME.matcher(name).matches()) {
      throw new PermanentFailureException(
          "a template's name is of letters, digits, _ and -, not \"" + name + "\"");
    }
    var file = folder.resolve(name + extension);
    try {
      if (Files.isRegularFile(file)) {
        if (Files.size(file) > MOST_BYTES) {
          throw new PermanentFailureException(file + " has more than " + MOST_BYTES + " bytes");
        }
        return Optional.of(Files.readString(file));
      }
      var resource = "/dev/millrace/worker/templates/" + name + extension;
      try (var in = Templates.class.getResourceAsStream(resource)) {
        return in == null
            ? Optional.empty()
            : Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot read template " + file + ": " + e.getMessage(), e);
    }
  }

  private static final class BoundedWriter extends StringWriter {
    @Override
    public void write(String text) {
      require(text.length());
      super.write(text);
    }

    @Override
    public void write(char[] buffer, int offset, int length) {
      require(length);
      super.write(buffer, offset, length);
    }

    private void require(int more) {
      if (getBuffer().length() + more > MOST_CHARACTERS) {
        throw new PermanentFailureException(
            "the template writes more than " + MOST_CHARACTERS + " characters");
      }
    }
  }
}
