package dev.millrace.platform.cli;

import dev.millrace.pgjobs.Cleanup;
import dev.millrace.pgjobs.Job;
import dev.millrace.pgjobs.JobFilter;
import dev.millrace.pgjobs.Reschedule;
import dev.millrace.platform.jobs.JobJson;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code millrace jobs …}: each method is a command. They talk to PostgreSQL itself, where the
 * settings say it is.
 */
@Command(
    name = "jobs",
    description = "Looks after background jobs in PostgreSQL.",
    mixinStandardHelpOptions = true)
final class JobCommands {
  private static final String ID = "ID";
  private static final String TASK = "TASK";
  private static final int MOST = 10_000;

  private final PrintWriter out;

  JobCommands(PrintWriter out) {
    this.out = out;
  }

  @Command(description = "Lists jobs, those first that run first.", mixinStandardHelpOptions = true)
  int list(
      @Mixin JobStore store,
      @Option(names = "--state", description = "ready, waiting, locked or dead.")
          JobFilter.@Nullable State state,
      @Option(names = "--task", paramLabel = TASK) @Nullable String task,
      @Option(names = "--offset", defaultValue = "0") int offset,
      @Option(names = "--limit", defaultValue = "50", description = "1 to 10000.") int limit,
      @Option(names = "--json", description = "One JSON object per line.") boolean json) {
    return store.with(jobs -> {
      var filter = new JobFilter(state, task, Math.max(0, offset), Math.clamp(limit, 1, MOST));
      print(jobs.jobs().list(filter), json);
      return 0;
    });
  }

  @Command(description = "Shows a job with its payload.", mixinStandardHelpOptions = true)
  int show(@Mixin JobStore store, @Parameters(paramLabel = ID) long id) {
    return store.with(jobs -> {
      var job = jobs.jobs().find(id).orElseThrow(() -> gone(id));
      var shown = JobJson.of(job);
      jobs.jobs().payload(id).ifPresent(p -> shown.set("payload", JsonMapper.shared().readTree(p)));
      out.println(shown.toPrettyString());
      return 0;
    });
  }

  @Command(description = "Adds a job and prints its id.", mixinStandardHelpOptions = true)
  int add(
      @Mixin JobStore store,
      @Parameters(index = "0", paramLabel = TASK) String task,
      @Parameters(index = "1", paramLabel = "PAYLOAD", arity = "0..1", description = "JSON.")
          @Nullable String payload,
      @Option(
              names = "--options",
              paramLabel = "JSON",
              description =
                  "queueName, runAt, maxAttempts, jobKey, jobKeyMode, priority, flags, as in"
                      + " add_job(name, payload, options).")
          @Nullable String options) {
    return store.with(jobs -> {
      var given = payload == null ? "{}" : payload;
      parse("PAYLOAD", given);
      var parsed = options == null ? JsonMapper.shared().createObjectNode() : object(options);
      try {
        out.println(jobs.jobs().add(JobJson.toNew(task, given, parsed)).id());
      } catch (IllegalArgumentException e) {
        throw new CliException(String.valueOf(e.getMessage()), e);
      }
      return 0;
    });
  }

  @Command(
      description = "Lets jobs run again now, with all their attempts.",
      mixinStandardHelpOptions = true)
  int retry(
      @Mixin JobStore store,
      @Parameters(paramLabel = ID, arity = "0..*") @Nullable List<Long> ids,
      @Option(names = "--dead", description = "All that have failed for good.") boolean dead,
      @Option(names = "--task", paramLabel = TASK, description = "With --dead: of this task.")
          @Nullable String task) {
    return store.with(jobs -> {
      var wanted = new ArrayList<>(ids == null ? List.<Long>of() : ids);
      if (dead) {
        jobs.jobs().list(new JobFilter(JobFilter.State.DEAD, task, 0, MOST)).stream()
            .map(Job::id)
            .forEach(wanted::add);
      } else if (wanted.isEmpty()) {
        throw new CliException("say which jobs: their ids, or --dead");
      }
      return report(
          wanted, jobs.jobs().reschedule(wanted, Reschedule.again(Instant.now())), "again");
    });
  }

  @Command(description = "Fails jobs for good.", mixinStandardHelpOptions = true)
  int fail(
      @Mixin JobStore store,
      @Parameters(paramLabel = ID, arity = "1..*") List<Long> ids,
      @Option(names = "--reason", paramLabel = "TEXT") @Nullable String reason) {
    return store.with(jobs -> report(ids, jobs.jobs().permanentlyFail(ids, reason), "failed"));
  }

  @Command(description = "Removes jobs, by id or by key.", mixinStandardHelpOptions = true)
  int remove(
      @Mixin JobStore store,
      @Parameters(paramLabel = ID, arity = "0..*") @Nullable List<Long> ids,
      @Option(names = "--key", paramLabel = "KEY") @Nullable String key) {
    return store.with(jobs -> {
      if (key != null) {
        var removed =
            jobs.jobs()
                .remove(key)
                .orElseThrow(() -> new CliException("there is no job of key " + key));
        out.println(removed.id() + " removed");
        return 0;
      }
      if (ids == null || ids.isEmpty()) {
        throw new CliException("say which jobs: their ids, or --key");
      }
      return report(ids, jobs.jobs().complete(ids), "removed");
    });
  }

  @Command(
      description = "Does what can be done now, here, and ends.",
      mixinStandardHelpOptions = true)
  int run(
      @Mixin JobStore store,
      @Option(
              names = "--once",
              required = true,
              description = "The only way; bin/start-worker goes on.")
          boolean once) {
    return store.running(tasks -> {
      var summary = tasks.runOnce();
      out.println(summary.completed() + " done, " + summary.failed() + " failed");
      return summary.failed() == 0 ? 0 : 1;
    });
  }

  @Command(
      description = "Removes unused names and queues, and dead jobs if told to.",
      mixinStandardHelpOptions = true)
  int cleanup(
      @Mixin JobStore store,
      @Option(
              names = "--what",
              split = ",",
              description = "task_identifiers, job_queues, dead_jobs; the first two by default.")
          @Nullable List<Cleanup> what,
      @Option(names = "--keep", split = ",", paramLabel = TASK, description = "Names that stay.")
          @Nullable List<String> keep) {
    return store.with(jobs -> {
      var wanted =
          what == null
              ? EnumSet.of(Cleanup.TASK_IDENTIFIERS, Cleanup.JOB_QUEUES)
              : EnumSet.copyOf(what);
      var removed = jobs.jobs().cleanup(wanted, keep == null ? Set.of() : Set.copyOf(keep));
      out.println(removed + " rows removed");
      return 0;
    });
  }

  @Command(
      description = "Makes the schema, or brings it up to date.",
      mixinStandardHelpOptions = true)
  int migrate(@Mixin JobStore store) {
    return store.with(jobs -> {
      out.println(
          "schema " + jobs.jobs().options().name() + " has revision " + jobs.jobs().revision());
      return 0;
    });
  }

  @Command(
      description = "Frees what workers have locked that are known to be dead.",
      mixinStandardHelpOptions = true)
  int unlock(
      @Mixin JobStore store,
      @Parameters(paramLabel = "WORKER", arity = "1..*") List<String> workers) {
    return store.with(jobs -> {
      jobs.jobs().forceUnlock(workers);
      return 0;
    });
  }

  @Command(
      description = "Looks for what is wrong; exits with 1 when something is.",
      mixinStandardHelpOptions = true)
  int doctor(@Mixin JobStore store) {
    return store.with(jobs -> {
      var findings = new JobDoctor(jobs.untouched(), store.settings(), Instant.now()).examine();
      findings.forEach(finding ->
          out.println(finding.level().name().toLowerCase(Locale.ROOT) + ": " + finding.text()));
      return findings.stream().anyMatch(f -> f.level() == JobDoctor.Level.PROBLEM) ? 1 : 0;
    });
  }

  private int report(List<Long> wanted, List<Job> changed, String what) {
    var ids = changed.stream().map(Job::id).toList();
    ids.forEach(id -> out.println(id + " " + what));
    var left = wanted.stream().filter(id -> !ids.contains(id)).toList();
    left.forEach(id -> out.println(id + " left alone: it runs, or is not there"));
    return left.isEmpty() ? 0 : 1;
  }

  private void print(List<Job> jobs, boolean json) {
    if (json) {
      jobs.forEach(job -> out.println(JobJson.of(job)));
      return;
    }
    for (var job : jobs) {
      out.printf(
          Locale.ROOT,
          "%8d  %-24s %-7s %s  %d/%d%s%s%n",
          job.id(),
          job.task(),
          state(job),
          job.runAt(),
          job.attempts(),
          job.maxAttempts(),
          job.queueName() == null ? "" : "  queue " + job.queueName(),
          job.lastError() == null ? "" : "  " + job.lastError().lines().findFirst().orElse(""));
    }
  }

  private static String state(Job job) {
    if (job.lockedAt() != null) {
      return "locked";
    }
    if (job.isDead()) {
      return "dead";
    }
    return job.runAt().isAfter(Instant.now()) ? "waiting" : "ready";
  }

  private static ObjectNode object(String text) {
    if (parse("--options", text) instanceof ObjectNode object) {
      return object;
    }
    throw new CliException("--options has to be a JSON object");
  }

  private static tools.jackson.databind.JsonNode parse(String name, String text) {
    try {
      return JsonMapper.shared().readTree(text);
    } catch (JacksonException e) {
      throw new CliException(name + " is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static CliException gone(long id) {
    return new CliException("there is no job " + id + "; jobs that are done are deleted");
  }
}
