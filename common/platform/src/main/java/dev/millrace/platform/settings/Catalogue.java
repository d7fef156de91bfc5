package dev.millrace.platform.settings;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * All variables, as {@code --help} text, as {@code .env.example} and as the table of {@code
 * docs/configuration.md}. A test holds the two files against this.
 */
public final class Catalogue {
  private record Group(String title, List<Variable<?>> variables) {}

  private static final List<Group> GROUPS =
      List.of(
          new Group("Process", Settings.VARIABLES),
          new Group("HTTP", HttpSettings.VARIABLES),
          new Group("Queue and workers", QueueSettings.VARIABLES),
          new Group("Dashboard", DashboardSettings.VARIABLES),
          new Group("Redis", RedisSettings.VARIABLES),
          new Group("What nodes share", ClusterSettings.VARIABLES),
          new Group("Database", DatabaseSettings.VARIABLES),
          new Group("Keys", SecretSettings.VARIABLES),
          new Group("Limits of a run", EngineLimits.VARIABLES),
          new Group("Scripts of flows", ScriptSettings.VARIABLES),
          new Group("What flows may fetch", OutboundSettings.VARIABLES),
          new Group("Models of flows", ModelSettings.VARIABLES),
          new Group("MCP servers of flows", McpPolicy.VARIABLES),
          new Group("Background tasks", TaskSettings.VARIABLES),
          new Group("Flowise's stored files", StorageSettings.VARIABLES),
          new Group("Plugins", PluginSettings.VARIABLES),
          new Group("Background jobs", JobSettings.VARIABLES),
          new Group("Mail", MailSettings.VARIABLES),
          new Group("Log", LogSettings.VARIABLES));

  private static final Set<String> NAMES =
      all().stream().map(Variable::name).collect(Collectors.toUnmodifiableSet());

  private Catalogue() {}

  static Set<String> names() {
    return NAMES;
  }

  static List<Variable<?>> all() {
    return GROUPS.stream().<Variable<?>>flatMap(group -> group.variables().stream()).toList();
  }

  /** Returns the flags with their meaning, one paragraph each, for a terminal. */
  public static String help() {
    var text = new StringBuilder();
    text.append("Every setting is a flag, an environment variable, or a line of .env (in this\n");
    text.append("order, the first that is set wins).\n");
    for (var group : GROUPS) {
      text.append('\n').append(group.title()).append(":\n");
      for (var variable : group.variables()) {
        text.append("  --").append(variable.name()).append('=').append(variable.shownDefault());
        text.append("\n      ").append(variable.meaning());
        text.append("\n      Accepted: ").append(variable.syntax().accepted()).append('\n');
      }
    }
    return text.toString();
  }

  /** Returns the content of {@code .env.example}: every variable, commented out. */
  public static String envExample() {
    var text = new StringBuilder();
    text.append("# Copy to .env and take the # off the lines to change. Written from the\n");
    text.append("# settings catalogue; docs/configuration.md has the same as a table.\n");
    for (var group : GROUPS) {
      text.append("\n# --- ").append(group.title()).append(" ---\n");
      for (var variable : group.variables()) {
        var unset = variable.whenUnset() == null ? "" : " Unset: " + variable.whenUnset() + ".";
        text.append("\n# ").append(variable.meaning()).append('.').append(unset);
        text.append("\n# Accepted: ").append(variable.syntax().accepted());
        text.append("\n#").append(variable.name()).append('=');
        text.append(variable.defaultText() == null ? "" : variable.defaultText()).append('\n');
      }
    }
    return text.toString();
  }

  /** Returns the tables of {@code docs/configuration.md}, one per group, in Markdown. */
  public static String markdown() {
    var text = new StringBuilder();
    for (var group : GROUPS) {
      text.append("### ").append(group.title()).append("\n\n");
      text.append("| Variable | Default | Meaning | Accepted |\n|---|---|---|---|\n");
      for (var variable : group.variables()) {
        text.append("| `").append(variable.name()).append("` | ");
        var fallback = variable.defaultText();
        text.append(fallback != null ? "`" + fallback + "`" : cell(variable.shownDefault()));
        text.append(" | ").append(cell(variable.meaning()));
        text.append(" | ").append(cell(variable.syntax().accepted())).append(" |\n");
      }
      text.append('\n');
    }
    return text.toString().stripTrailing() + "\n";
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace("*", "\\*");
  }
}
