package dev.millrace.bullmq;

import java.util.List;

/**
 * A part of a job's log.
 *
 * @param rows what was asked for
 * @param total how many rows the log has in all
 */
public record JobLogs(List<String> rows, long total) {
  public JobLogs {
    rows = List.copyOf(rows);
  }
}
