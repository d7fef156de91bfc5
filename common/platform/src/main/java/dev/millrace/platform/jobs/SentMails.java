package dev.millrace.platform.jobs;

import dev.millrace.pgjobs.Transaction;
import dev.millrace.platform.db.Database;
import java.time.Duration;
import java.util.Optional;

/**
 * Which mails with a key were sent, so that no second one of that key is, whichever jobs ask for it
 * at whatever time. Thread-safe.
 */
public final class SentMails {
  private final Database database;
  private final Duration retention;

  /**
   * @param retention for how long a key counts
   */
  public SentMails(Database database, Duration retention) {
    this.database = database;
    this.retention = retention;
  }

  /**
   * Reserves a key for a job, which then has to {@link #sent} or {@link #release} it; a job that
   * has it already has it again. What nobody did so within an hour is free.
   *
   * @return nothing when the key is the job's; the id of the mail when it was sent before
   * @throws IllegalStateException when another job is sending it now: try again later
   */
  public Optional<String> reserve(String key, long jobId) {
    return database.with(handle -> {
      var taken =
          handle
              .createQuery(
                  """
                  INSERT INTO millrace.sent_mail AS m (key, job_id, expires)
                  VALUES (:key, :job, now() + make_interval(secs => :keep))
                  ON CONFLICT (key) DO UPDATE SET job_id = excluded.job_id, reserved = now(),
                    message_id = NULL, expires = excluded.expires
                  WHERE m.expires <= now() OR (m.message_id IS NULL
                    AND (m.job_id = excluded.job_id OR m.reserved < now() - interval '1 hour'))
                  RETURNING key
                  """)
              .bind("key", key)
              .bind("job", jobId)
              .bind("keep", (double) retention.toSeconds())
              .mapTo(String.class)
              .findOne();
      if (taken.isPresent()) {
        return Optional.<String>empty();
      }
      return Optional.of(
          handle
              .createQuery("SELECT message_id FROM millrace.sent_mail WHERE key = :key")
              .bind("key", key)
              .mapTo(String.class)
              .findOne()
              .orElseThrow(() ->
                  new IllegalStateException("another job sends the mail of key " + key + " now")));
    });
  }

  /** Remembers that a reserved mail was sent, in the transaction that completes its job. */
  public void sent(Transaction transaction, String key, String messageId) {
    var _ =
        transaction.update(
            "UPDATE millrace.sent_mail SET message_id = ? WHERE key = ?", messageId, key);
  }

  /** Gives a reservation back: the mail will not be sent. */
  public void release(String key, long jobId) {
    database.with(handle ->
        handle.execute(
            "DELETE FROM millrace.sent_mail WHERE key = ? AND job_id = ? AND message_id IS NULL",
            key,
            jobId));
  }

  /** Forgets what was kept long enough; returns how many. */
  public int deleteExpired() {
    return database.with(
        handle -> handle.execute("DELETE FROM millrace.sent_mail WHERE expires <= now()"));
  }
}
