package dev.millrace.platform.cli;

import dev.millrace.pgjobs.RunnerListener;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.DatabaseTarget;
import dev.millrace.platform.db.Migrations;
import dev.millrace.platform.embedded.EmbeddedStores;
import dev.millrace.platform.jobs.BackgroundJobs;
import dev.millrace.platform.jobs.BackgroundTasks;
import dev.millrace.platform.settings.DatabaseSettings;
import dev.millrace.platform.settings.Settings;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Opens the database that the settings name, for commands about background jobs. */
final class JobStore {
  private static final int CONNECTIONS = 2;
  private static final String CLIENT = "millrace-cli";

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "A setting, as in the environment: --set DATABASE_HOST=db.")
  private @Nullable List<String> given;

  private @Nullable Settings settings;

  /** What is done with the tasks. */
  @FunctionalInterface
  interface Running {
    int run(BackgroundTasks tasks) throws InterruptedException;
  }

  int with(ToIntFunction<BackgroundJobs> command) {
    try (var jobs =
        BackgroundJobs.open(
            settings().jobs(), DatabaseTarget.of(address(), CLIENT), CLIENT, CONNECTIONS)) {
      return command.applyAsInt(jobs);
    }
  }

  int running(Running command) {
    try (var database = Database.open(DatabaseTarget.of(address(), CLIENT))) {
      Migrations.run(database);
      try (var tasks = BackgroundTasks.open(settings(), database, RunnerListener.NONE)) {
        return command.run(tasks);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CliException("interrupted", e);
      }
    }
  }

  Settings settings() {
    var known = settings;
    if (known == null) {
      known = CliSettings.load(given);
      settings = known;
    }
    return known;
  }

  private DatabaseSettings address() {
    var wanted = settings().database();
    if (wanted.configured()) {
      return wanted;
    }
    return EmbeddedStores.find(settings())
        .orElseThrow(() ->
            new CliException(
                "no database: set DATABASE_HOST and the others, or run this where the server keeps"
                    + " its data ("
                    + settings().home()
                    + ") while it runs"))
        .database();
  }
}
