package dev.millrace.flows.retrieval;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The sections of a Markdown text: each begins with a header, which is not one inside of code. */
final class MarkdownSections {
  private static final Pattern FENCE = Pattern.compile("^ {0,3}(```|~~~)");

  private MarkdownSections() {}

  /**
   * Returns them in order.
   *
   * @param level of the deepest headers that begin a section, 1 to 6
   */
  static List<String> of(String text, int level) {
    Pattern header = Pattern.compile("^#{1," + level + "}\\s");
    var sections = new ArrayList<String>();
    var section = new StringBuilder();
    boolean code = false;
    for (String line : text.split("(?<=\n)", -1)) {
      if (FENCE.matcher(line).find()) {
        code = !code;
      }
      if (!code && header.matcher(line).find() && !section.isEmpty()) {
        sections.add(section.toString());
        section.setLength(0);
      }
      section.append(line);
    }
    sections.add(section.toString());
    return sections;
  }
}
