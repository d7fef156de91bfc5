package dev.millrace.pgjobs;

import java.sql.Connection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A transaction under way; to be used by one thread, until the work that was given it returns. */
public interface Transaction {
  /** Returns the connection, for anything else; neither commit nor close it. */
  Connection connection();

  /** Adds a job that is there when the transaction commits. */
  Job addJob(NewJob job);

  /** Adds jobs that are there when the transaction commits. */
  List<Job> addJobs(List<NewJob> jobs);

  /** Runs a query; {@code ?} stands for a value. Returns its rows, values by column name. */
  List<Map<String, @Nullable Object>> query(String sql, @Nullable Object... values);

  /** Runs a statement; {@code ?} stands for a value. Returns how many rows it changed. */
  int update(String sql, @Nullable Object... values);
}
