package dev.millrace.platform.settings;

import dev.millrace.platform.settings.SettingsException.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** The {@code --NAME=value} flags of a command line. */
record CommandLine(Map<String, String> values, List<Problem> problems) {
  private static final Pattern FLAG = Pattern.compile("--([^=]+)=(.*)", Pattern.DOTALL);
  private static final int RESEMBLES = 4;

  static CommandLine parse(List<String> args) {
    var values = new LinkedHashMap<String, String>();
    var problems = new ArrayList<Problem>();
    for (var arg : args) {
      var flag = FLAG.matcher(arg);
      if (!flag.matches()) {
        problems.add(new Problem(arg, "is not a flag", "--NAME=value"));
      } else if (Catalogue.names().contains(flag.group(1))) {
        values.put(flag.group(1), flag.group(2));
      } else {
        problems.add(new Problem("--" + flag.group(1), "is not known", nearest(flag.group(1))));
      }
    }
    return new CommandLine(values, problems);
  }

  private static String nearest(String unknown) {
    var wanted = unknown.toUpperCase(Locale.ROOT).replace('-', '_');
    var best = "";
    var bestDistance = RESEMBLES;
    for (var name : Catalogue.names()) {
      var distance = distance(wanted, name);
      if (distance < bestDistance) {
        best = name;
        bestDistance = distance;
      }
    }
    return best.isEmpty() ? "the names that --help lists" : "--" + best;
  }

  /** Counts the letters to insert, delete or replace (Levenshtein). */
  private static int distance(String from, String to) {
    var row = new int[to.length() + 1];
    for (var j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (var i = 1; i <= from.length(); i++) {
      var diagonal = row[0];
      row[0] = i;
      for (var j = 1; j <= to.length(); j++) {
        var replace = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replace, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[to.length()];
  }
}
