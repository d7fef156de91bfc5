package dev.millrace.bullmq;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A job's hash as it is stored, for those who show it: nothing is parsed, so nothing is refused.
 *
 * @param fields texts by their names in the hash, e.g. {@code data}, {@code opts}, {@code ats}
 * @param omittedData how many bytes of data were left out for being too many; 0 if none were
 * @param omittedResult the same of the return value
 */
public record StoredJob(
    String id, Map<String, String> fields, long omittedData, long omittedResult) {
  public StoredJob {
    fields = Map.copyOf(fields);
  }

  /** Reads a row of {@code page.lua}. */
  static StoredJob read(List<?> row) {
    var flat = (List<?>) row.get(1);
    var fields = HashMap.<String, String>newHashMap(flat.size() / 2);
    for (var i = 0; i + 1 < flat.size(); i += 2) {
      fields.put(String.valueOf(flat.get(i)), String.valueOf(flat.get(i + 1)));
    }
    return new StoredJob(
        String.valueOf(row.getFirst()), fields, (Long) row.get(2), (Long) row.get(3));
  }
}
