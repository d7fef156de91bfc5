package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The job schedulers of a queue: each makes a job again and again. Only the next run is stored; the
 * worker that takes it adds the one after it. Thread-safe.
 *
 * <p>Every method waits for Redis as those of {@link Queue} do, and throws what they throw.
 */
public final class JobSchedulers {
  /** How keys of version 5's repeatable jobs look: name, id, end, zone and expression. */
  private static final Pattern LEGACY_ID =
      Pattern.compile("[^:]*:[^:]*:[0-9]*:[^:]*:(?:.* .*|[0-9]+)");

  private final Scripts scripts;
  private final JobOptions defaults;

  /**
   * @param defaults what runs have that do not say otherwise
   */
  JobSchedulers(Scripts scripts, JobOptions defaults) {
    this.scripts = scripts;
    this.defaults = defaults;
  }

  /**
   * Creates a scheduler, or changes the one that has the id. A run that waits for its time is
   * replaced, at the same time if the interval is the same; one that is active goes on, and the new
   * next run is added beside it. Calling it again with the same values is safe.
   *
   * @param id the caller's; it may hold colons
   * @param template the jobs to make: their name, data and options
   * @return the next run; empty when there is none, since the limit is 0, the end is past, or the
   *     expression never comes true
   * @throws IllegalArgumentException when the id or the template is not allowed, or the end is past
   * @throws JobOperationException.Conflict when jobs have the ids that the next run could have
   */
  public Optional<Job> upsert(String id, Repeat repeat, NewJob template) {
    if (LEGACY_ID.matcher(id).matches() || id.isEmpty()) {
      throw new IllegalArgumentException(
          "a job scheduler's id must be neither empty nor look like the key of a repeatable job: "
              + id);
    }
    if (template.options().jobId() != null || template.options().delayOrZero() != 0) {
      throw new IllegalArgumentException(
          "the jobs of scheduler %s have the ids and delays of its runs, not of a template"
              .formatted(id));
    }
    var now = scripts.now();
    var end = repeat.endDate();
    if (end != null && end < now) {
      throw new IllegalArgumentException("End date must be greater than current timestamp");
    }
    var options = template.options().orElse(defaults);
    new NewJob(template.name(), template.dataJson(), options).validate();
    var rule = RepeatRule.of(repeat).next(now);
    if (rule == null) {
      return Optional.empty();
    }
    var time = firstTime(repeat, rule, now);
    return time == null ? Optional.empty() : Optional.of(store(id, repeat, template, rule, time));
  }

  /** Creates or changes a scheduler whose jobs are named as it is and have no data. */
  public Optional<Job> upsert(String id, Repeat repeat) {
    return upsert(id, repeat, new NewJob(id, "{}", JobOptions.NONE));
  }

  /** Returns when a cron expression runs first, "" for an interval, null for never. */
  private static @Nullable String firstTime(Repeat repeat, RepeatRule rule, long now) {
    if (repeat.pattern() == null) {
      return "";
    }
    if (repeat.immediately()) {
      return Long.toString(now);
    }
    var next = rule.nextByCron(now);
    return next.isPresent() ? Long.toString(next.getAsLong()) : null;
  }

  private Job store(String id, Repeat repeat, NewJob template, RepeatRule rule, String time) {
    var options = template.options().orElse(defaults);
    var now = scripts.now();
    var arguments = scripts.arguments(now);
    SchedulerRun.addArguments(arguments, id, time, options, rule, now);
    var stored = JobOptionsJson.object(template.options());
    arguments.add(template.name());
    arguments.add(template.dataJson().equals("{}") ? "" : template.dataJson());
    arguments.add(stored.isEmpty() ? "" : Json.write(stored));
    arguments.add(rule.text("every"));
    arguments.add(rule.text("offset"));
    arguments.add(rule.text("startDate"));
    addFields(arguments, repeat);
    var reply = scripts.call(Script.SCHEDULE, arguments);
    if (reply.getFirst() instanceof Long code) {
      throw JobOperationException.of(code.intValue(), id, "addJobScheduler", null);
    }
    var runId = String.valueOf(reply.getFirst());
    var delay = Long.parseLong(String.valueOf(reply.get(1)));
    var complete =
        options.toBuilder()
            .jobId(runId)
            .delay(delay)
            .timestamp(now)
            .other("prevMillis", runId.substring(runId.lastIndexOf(':') + 1))
            .other("repeatJobKey", Json.quote(id))
            .other("repeat", Json.write(rule.json()))
            .build();
    return run(runId, id, template, complete, now);
  }

  private Job run(String runId, String id, NewJob template, JobOptions options, long now) {
    return JobHash.read(
        scripts.keys().queue(),
        runId,
        List.of(
            "name", template.name(),
            "data", template.dataJson(),
            "opts", JobOptionsJson.write(options),
            "timestamp", Long.toString(now),
            "delay", Long.toString(options.delayOrZero()),
            "priority", Integer.toString(options.priorityOrZero()),
            "rjk", id));
  }

  private static void addFields(List<String> arguments, Repeat repeat) {
    add(arguments, "tz", repeat.timeZone());
    add(arguments, "pattern", repeat.pattern());
    add(arguments, "limit", repeat.limit());
    add(arguments, "startDate", repeat.startDate());
    add(arguments, "endDate", repeat.endDate());
    add(arguments, "every", repeat.every());
  }

  private static void add(List<String> arguments, String name, @Nullable Object value) {
    if (value != null) {
      arguments.add(name);
      arguments.add(value.toString());
    }
  }

  /** Returns a scheduler as it is now. */
  public Optional<JobScheduler> get(String id) {
    return read(List.of(scripts.keys().base(), "one", id)).stream().findFirst();
  }

  /**
   * Returns schedulers by the time of their next run.
   *
   * @param from the first one's place, counted from 0; negative counts from the end
   * @param to the last one's place, which is included; -1 is the last of all
   * @param ascending whether those that run soonest come first
   */
  public List<JobScheduler> list(long from, long to, boolean ascending) {
    return read(
        List.of(
            scripts.keys().base(),
            ascending ? "asc" : "desc",
            Long.toString(from),
            Long.toString(to)));
  }

  /** Returns all schedulers, those that run soonest first. */
  public List<JobScheduler> list() {
    return list(0, -1, true);
  }

  /** Returns how many schedulers there are, also of those whose last run was made. */
  public long count() {
    var reply = scripts.call(Script.SCHEDULERS, List.of(scripts.keys().base(), "count"));
    return (Long) reply.getFirst();
  }

  /**
   * Removes a scheduler and its next run. A run that is ready or active already goes on.
   *
   * @return whether there was one
   */
  public boolean remove(String id) {
    var arguments = scripts.arguments(scripts.now());
    arguments.add(id);
    return scripts.call(Script.UNSCHEDULE, arguments).getFirst().equals(1L);
  }

  private List<JobScheduler> read(List<String> arguments) {
    var found = new ArrayList<JobScheduler>();
    for (var entry : scripts.call(Script.SCHEDULERS, arguments)) {
      found.add(JobScheduler.read((List<?>) entry));
    }
    return found;
  }
}
