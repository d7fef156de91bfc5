package dev.millrace.platform.settings;

import dev.millrace.platform.settings.SettingsException.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of {@code NAME=value} lines, as the npm package dotenv reads it: {@code export}, comments,
 * values in single quotes or backticks as they are, in double quotes with {@code \n} and the like;
 * a quoted value may span lines. Unlike there, a {@code #} begins a comment only after a blank, so
 * that a password may contain one.
 */
record Dotenv(Map<String, String> values, List<Problem> problems) {
  private static final String ACCEPTED = "NAME=value";
  private static final Pattern START =
      Pattern.compile("[ \\t]*(?:export[ \\t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \\t]*=[ \\t]*");
  private static final Pattern QUOTED =
      Pattern.compile("'([^']*)'|`([^`]*)`|\"((?:[^\"\\\\]|\\\\.)*+)\"", Pattern.DOTALL);
  private static final Pattern PLAIN = Pattern.compile("[^\\n]*");
  private static final Pattern BLANK_OR_COMMENT = Pattern.compile("[ \\t]*(?:#[^\\n]*)?(?=\\n|$)");

  static Dotenv read(Path file) {
    try {
      return parse(file.toString(), Files.readString(file));
    } catch (NoSuchFileException e) {
      return new Dotenv(Map.of(), List.of());
    } catch (IOException e) {
      var problem = new Problem(file.toString(), "cannot be read: " + e, "a file in UTF-8");
      return new Dotenv(Map.of(), List.of(problem));
    }
  }

  static Dotenv parse(String file, String content) {
    var text = content.replace("\r\n", "\n").replaceFirst("^\uFEFF", "");
    var values = new LinkedHashMap<String, String>();
    var problems = new ArrayList<Problem>();
    var at = 0;
    while (at < text.length()) {
      at = entry(file, text, at, values, problems) + 1;
    }
    return new Dotenv(values, problems);
  }

  /** Reads one line, or one value of several lines; returns where its line end is. */
  private static int entry(
      String file, String text, int at, Map<String, String> values, List<Problem> problems) {
    var blank = BLANK_OR_COMMENT.matcher(text).region(at, text.length());
    if (blank.lookingAt()) {
      return blank.end();
    }
    var start = START.matcher(text).region(at, text.length());
    if (!start.lookingAt()) {
      problems.add(problem(file, text, at, "is no setting"));
      return lineEnd(text, at);
    }
    var quoted = QUOTED.matcher(text).region(start.end(), text.length());
    if (quoted.lookingAt()) {
      values.put(start.group(1), unquote(quoted));
      var rest = BLANK_OR_COMMENT.matcher(text).region(quoted.end(), text.length());
      if (!rest.lookingAt()) {
        problems.add(problem(file, text, quoted.end(), "has text after the closing quote"));
      }
      return lineEnd(text, quoted.end());
    }
    var plain = PLAIN.matcher(text).region(start.end(), text.length());
    var value = plain.lookingAt() ? plain.group() : "";
    if (value.matches("[\"'`].*")) {
      problems.add(problem(file, text, at, "has a quote that is never closed"));
    }
    values.put(start.group(1), value.replaceFirst("(^|[ \\t]+)#.*$", "").strip());
    return plain.end();
  }

  private static String unquote(Matcher quoted) {
    for (var literal = 1; literal <= 2; literal++) {
      if (quoted.group(literal) != null) {
        return quoted.group(literal);
      }
    }
    var escape = Pattern.compile("\\\\(.)", Pattern.DOTALL).matcher(quoted.group(3));
    return escape.replaceAll(match ->
        Matcher.quoteReplacement(
            switch (match.group(1)) {
              case "n" -> "\n";
              case "r" -> "\r";
              case "t" -> "\t";
              case "\"", "\\" -> match.group(1);
              default -> match.group();
            }));
  }

  private static Problem problem(String file, String text, int at, String found) {
    var line = 1 + text.substring(0, at).chars().filter(c -> c == '\n').count();
    return new Problem(file + " line " + line, found, ACCEPTED);
  }

  private static int lineEnd(String text, int from) {
    var end = text.indexOf('\n', from);
    return end < 0 ? text.length() : end;
  }
}
