package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.optional;
import static dev.millrace.platform.settings.Variable.withDefault;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the operator configured, parsed once per process. Immutable; printing it shows no
 * secret.
 *
 * @param mode how work travels
 * @param workerMode the text of WORKER_MODE, perhaps empty; null when it is not set at all, so that
 *     a process can tell "serve everything" (empty) from "choose for me" (null)
 * @param workerModeStrict whether that text is read to the letter
 * @param home the data folder; not made yet
 * @param http where and how HTTP is answered
 * @param queue the queues and those who work on them
 * @param dashboard the dashboard of the queues
 * @param redis the Redis to use
 * @param database the PostgreSQL to use
 * @param cluster what nodes share, and through what
 * @param secrets keys
 * @param limits how far one run may go
 * @param scripts what the scripts of flows may use
 * @param outbound what a flow may fetch, and from where
 * @param models how models are reached
 * @param mcp servers of tools that flows may use
 * @param tasks background tasks of users
 * @param plugins the plugins, and what they are told
 * @param jobs background jobs in PostgreSQL
 * @param mail who takes our mails
 * @param log what is logged, and how
 */
public record Settings(
    Mode mode,
    @Nullable String workerMode,
    boolean workerModeStrict,
    Path home,
    HttpSettings http,
    QueueSettings queue,
    DashboardSettings dashboard,
    RedisSettings redis,
    DatabaseSettings database,
    ClusterSettings cluster,
    SecretSettings secrets,
    EngineLimits limits,
    ScriptSettings scripts,
    OutboundSettings outbound,
    ModelSettings models,
    McpPolicy mcp,
    TaskSettings tasks,
    StorageSettings storage,
    PluginSettings plugins,
    JobSettings jobs,
    MailSettings mail,
    LogSettings log) {
  private static final Variable<Mode> MODE =
      withDefault(
          "MODE",
          new Syntax<>(
              "main or queue, in lower case",
              text ->
                  switch (text) {
                    case "main" -> Mode.MAIN;
                    case "queue" -> Mode.QUEUE;
                    default -> throw new IllegalArgumentException(text);
                  }),
          "main",
          "main: runs happen in the server; queue: runs travel over Redis to workers");
  private static final Variable<String> WORKER_MODE =
      optional(
          "WORKER_MODE",
          Syntax.text(
              "empty (everything), ! (requests), * (all services), service keys such as"
                  + " workflow:process,async-task:process, a comma list of these, or - (nothing)"),
          "server: ! when MODE=queue, else everything; worker: *",
          "What this node serves");
  private static final Variable<Boolean> WORKER_MODE_STRICT =
      withDefault(
          "WORKER_MODE_STRICT",
          Syntax.bool(),
          "false",
          "Reads WORKER_MODE to the letter, as NocoBase does: blanks in a list count, and a star in"
              + " a list does not");
  private static final Variable<String> MILLRACE_HOME =
      withDefault(
          "MILLRACE_HOME",
          Syntax.folder(),
          "~/.millrace",
          "Data folder: embedded stores, key file, uploads");

  static final List<Variable<?>> VARIABLES =
      List.of(MODE, WORKER_MODE, WORKER_MODE_STRICT, MILLRACE_HOME);

  /**
   * Parses the settings. A flag {@code --NAME=value} beats the environment, which beats the file,
   * which beats the defaults; a blank value counts as none.
   *
   * @param args the command line, flags only
   * @param env the environment
   * @param dotEnv a file of {@code NAME=value} lines; none is read when it does not exist
   * @throws SettingsException naming every variable whose value is not accepted
   */
  public static Settings load(String[] args, Map<String, String> env, Path dotEnv) {
    var flags = CommandLine.parse(List.of(args));
    var file = Dotenv.read(dotEnv);
    var values =
        new Values(
            List.of(
                new Values.Layer("command line", flags.values()),
                new Values.Layer("environment", env),
                new Values.Layer(dotEnv.toString(), file.values())),
            Path.of(env.getOrDefault("HOME", System.getProperty("user.home"))));
    flags.problems().forEach(p -> values.problem(p.variable(), p.found(), p.accepted()));
    file.problems().forEach(p -> values.problem(p.variable(), p.found(), p.accepted()));
    var settings = read(values);
    var problems = values.problems();
    if (!problems.isEmpty()) {
      throw new SettingsException(problems);
    }
    return settings;
  }

  static Settings read(Values values) {
    var home = values.getPath(MILLRACE_HOME);
    var mode = values.get(MODE);
    return new Settings(
        mode,
        values.findEvenEmpty(WORKER_MODE),
        values.get(WORKER_MODE_STRICT),
        home,
        HttpSettings.read(values),
        QueueSettings.read(values),
        DashboardSettings.read(values),
        RedisSettings.read(values),
        DatabaseSettings.read(values),
        ClusterSettings.read(values, mode),
        SecretSettings.read(values, home),
        EngineLimits.read(values),
        ScriptSettings.read(values),
        OutboundSettings.read(values),
        ModelSettings.read(values),
        McpPolicy.read(values),
        TaskSettings.read(values),
        StorageSettings.read(values),
        PluginSettings.read(values),
        JobSettings.read(values, home),
        MailSettings.read(values),
        LogSettings.read(values));
  }
}
