package dev.millrace.bullmq;

import java.util.HashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A job scheduler as it is stored. Times are ms since 1970.
 *
 * @param id its id, unique in the queue
 * @param name the name of the jobs it makes
 * @param next when the current run is or was due
 * @param iterationCount how many runs it made; null for a repeatable job of BullMQ 5, which is not
 *     a scheduler yet: workers continue it, {@code upsert} cannot change it, {@code remove} can
 *     remove it
 * @param limit how many runs it makes at most
 * @param every the interval in ms, if it has one
 * @param pattern the cron expression, if it has one
 * @param offset where in the interval its runs are, in ms
 * @param data what its jobs have as data, JSON text; null is <code>{}</code>
 * @param options what its jobs have as options
 * @param optionsJson the same as it is stored, JSON text; null if there are none
 */
public record JobScheduler(
    String id,
    String name,
    long next,
    @Nullable Long iterationCount,
    @Nullable Long limit,
    @Nullable Long startDate,
    @Nullable Long endDate,
    @Nullable String timeZone,
    @Nullable String pattern,
    @Nullable Long every,
    @Nullable Long offset,
    @Nullable String data,
    JobOptions options,
    @Nullable String optionsJson) {

  /** Reads an entry of {@code schedulers.lua}'s reply. */
  static JobScheduler read(List<?> entry) {
    var flat = (List<?>) entry.get(2);
    var fields = new HashMap<String, String>();
    for (var i = 0; i + 1 < flat.size(); i += 2) {
      fields.put(String.valueOf(flat.get(i)), String.valueOf(flat.get(i + 1)));
    }
    var next = number(String.valueOf(entry.get(1)));
    return new JobScheduler(
        String.valueOf(entry.getFirst()),
        fields.getOrDefault("name", ""),
        next == null ? 0 : next,
        number(fields.get("ic")),
        number(fields.get("limit")),
        number(fields.get("startDate")),
        number(fields.get("endDate")),
        fields.get("tz"),
        fields.get("pattern"),
        number(fields.get("every")),
        number(fields.get("offset")),
        fields.get("data"),
        options(fields.get("opts")),
        fields.get("opts"));
  }

  private static JobOptions options(@Nullable String json) {
    try {
      return json == null ? JobOptions.NONE : JobOptionsJson.read(json);
    } catch (BullMqException | IllegalArgumentException e) {
      // Another client's, and no reason not to show the rest.
      return JobOptions.NONE;
    }
  }

  private static @Nullable Long number(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      return (long) Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
