package dev.millrace.flows.tools;

import java.util.Locale;

/** Names that every provider takes for a function. */
public final class ToolNames {
  private static final int LONGEST = 64;

  private ToolNames() {}

  /**
   * Returns a name in lower case, blanks as underscores, without what providers refuse.
   *
   * @param otherwise the name when nothing is left
   */
  public static String of(String name, String otherwise) {
    String clean =
        name.strip().toLowerCase(Locale.ROOT).replaceAll("\\s", "_").replaceAll("[^a-z0-9_-]", "");
    clean = clean.length() > LONGEST ? clean.substring(0, LONGEST) : clean;
    return clean.isEmpty() ? otherwise : clean;
  }

  /** As {@link #of}, but keeps capitals, for names that somebody chose for a function. */
  static String keep(String name, String otherwise) {
    String clean = name.strip().replaceAll("\\s", "_").replaceAll("[^a-zA-Z0-9_-]", "");
    clean = clean.length() > LONGEST ? clean.substring(0, LONGEST) : clean;
    return clean.isEmpty() ? otherwise : clean;
  }
}
