package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.secret;
import static dev.millrace.platform.settings.Variable.withDefault;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The dashboard of the queues.
 *
 * @param enabled whether it is served at {@code /admin/queues}
 * @param viewerKey who presents it may look at everything and change nothing; null for none
 * @param redact keys whose values are hidden in data and results, {@code *} standing for any text,
 *     in any case; empty to hide nothing
 */
public record DashboardSettings(boolean enabled, @Nullable Secret viewerKey, List<String> redact) {
  private static final Variable<Boolean> ENABLE_BULLMQ_DASHBOARD =
      withDefault(
          "ENABLE_BULLMQ_DASHBOARD",
          Syntax.bool(),
          "false",
          "Whether the server shows its queues at /admin/queues, to holders of the admin key");
  private static final Variable<Secret> DASHBOARD_VIEWER_KEY =
      secret(
          "DASHBOARD_VIEWER_KEY",
          Syntax.secret("a long random text"),
          "none",
          "Key with which the dashboard shows everything and changes nothing");
  private static final Variable<List<String>> DASHBOARD_REDACT =
      withDefault(
          "DASHBOARD_REDACT",
          Syntax.list("a comma list of keys, * standing for any text, or none"),
          "*password*,*passwd*,*secret*,*apikey*,*api_key*,*api-key*,authorization,cookie",
          "Keys whose values the dashboard hides in data and results, in any case");

  static final List<Variable<?>> VARIABLES =
      List.of(ENABLE_BULLMQ_DASHBOARD, DASHBOARD_VIEWER_KEY, DASHBOARD_REDACT);

  public DashboardSettings {
    redact = List.copyOf(redact);
  }

  static DashboardSettings read(Values values) {
    var redact = values.get(DASHBOARD_REDACT);
    return new DashboardSettings(
        values.get(ENABLE_BULLMQ_DASHBOARD),
        values.find(DASHBOARD_VIEWER_KEY),
        redact.equals(List.of("none")) ? List.of() : redact);
  }
}
