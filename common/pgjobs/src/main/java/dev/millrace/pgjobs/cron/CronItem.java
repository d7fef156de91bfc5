package dev.millrace.pgjobs.cron;

import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A job that is added again and again. Start with {@link #of}; {@link Crontab} reads many from a
 * file.
 *
 * @param task which task does it
 * @param match at which minutes
 * @param identifier what tells it from the others, by default its task; when it changes, a run may
 *     come twice
 * @param fill how far back runs are made up for that were missed while no runner was there
 * @param maxAttempts as of a job; null for the default
 * @param queueName as of a job
 * @param priority as of a job
 * @param jobKey as of a job
 * @param preserveRunAt whether a waiting job with that key keeps its time
 * @param payload as of a job; {@code _cron} is added to it
 * @param zone in which {@code match} is meant; graphile-worker knows only UTC
 */
public record CronItem(
    String task,
    CronMatch match,
    String identifier,
    Duration fill,
    @Nullable Integer maxAttempts,
    @Nullable String queueName,
    @Nullable Integer priority,
    @Nullable String jobKey,
    boolean preserveRunAt,
    ObjectNode payload,
    ZoneId zone) {
  private static final Pattern TASK = Pattern.compile("[_a-zA-Z][_a-zA-Z0-9:/_-]*");
  private static final Pattern IDENTIFIER = Pattern.compile("[_a-zA-Z][-_a-zA-Z0-9:/]*");

  /**
   * @throws IllegalArgumentException when a name has characters that a crontab does not allow
   */
  public CronItem {
    if (!TASK.matcher(task).matches()) {
      throw new IllegalArgumentException("no task can be called '" + task + "'");
    }
    if (!IDENTIFIER.matcher(identifier).matches()) {
      throw new IllegalArgumentException("no identifier can be '" + identifier + "'");
    }
    if (fill.isNegative()) {
      throw new IllegalArgumentException("fill must not be negative");
    }
  }

  /**
   * Returns an item without options.
   *
   * @param match five fields as in a crontab, in UTC
   * @throws IllegalArgumentException when one of them is wrong
   */
  public static CronItem of(String match, String task) {
    return new CronItem(
        task,
        CronMatch.parse(match),
        task,
        Duration.ZERO,
        null,
        null,
        null,
        null,
        false,
        JsonNodeFactory.instance.objectNode(),
        ZoneOffset.UTC);
  }

  public CronItem withIdentifier(String value) {
    return new CronItem(
        task,
        match,
        value,
        fill,
        maxAttempts,
        queueName,
        priority,
        jobKey,
        preserveRunAt,
        payload,
        zone);
  }

  public CronItem withFill(Duration value) {
    return new CronItem(
        task,
        match,
        identifier,
        value,
        maxAttempts,
        queueName,
        priority,
        jobKey,
        preserveRunAt,
        payload,
        zone);
  }

  public CronItem withMaxAttempts(@Nullable Integer value) {
    return new CronItem(
        task,
        match,
        identifier,
        fill,
        value,
        queueName,
        priority,
        jobKey,
        preserveRunAt,
        payload,
        zone);
  }

  public CronItem withQueueName(@Nullable String value) {
    return new CronItem(
        task,
        match,
        identifier,
        fill,
        maxAttempts,
        value,
        priority,
        jobKey,
        preserveRunAt,
        payload,
        zone);
  }

  public CronItem withPriority(@Nullable Integer value) {
    return new CronItem(
        task,
        match,
        identifier,
        fill,
        maxAttempts,
        queueName,
        value,
        jobKey,
        preserveRunAt,
        payload,
        zone);
  }

  /** A later run replaces an earlier one that still waits. */
  public CronItem withJobKey(@Nullable String value, boolean keepRunAt) {
    return new CronItem(
        task,
        match,
        identifier,
        fill,
        maxAttempts,
        queueName,
        priority,
        value,
        keepRunAt,
        payload,
        zone);
  }

  public CronItem withPayload(ObjectNode value) {
    return new CronItem(
        task,
        match,
        identifier,
        fill,
        maxAttempts,
        queueName,
        priority,
        jobKey,
        preserveRunAt,
        value,
        zone);
  }

  public CronItem withZone(ZoneId value) {
    return new CronItem(
        task,
        match,
        identifier,
        fill,
        maxAttempts,
        queueName,
        priority,
        jobKey,
        preserveRunAt,
        payload,
        value);
  }
}
