package dev.millrace.pgjobs;

/** What adding a job does when an unlocked job has its key already. */
public enum JobKeyMode {
  /** It becomes the new job in all respects; what is not given goes back to its default. */
  REPLACE("replace"),
  /** As {@link #REPLACE}, but if it was not tried yet it runs when it was going to. */
  PRESERVE_RUN_AT("preserve_run_at"),
  /** It stays as it is, even if it is running or has failed for good. */
  UNSAFE_DEDUPE("unsafe_dedupe");

  private final String sql;

  JobKeyMode(String sql) {
    this.sql = sql;
  }

  /** Returns the name that {@code add_job} knows. */
  String sql() {
    return sql;
  }
}
