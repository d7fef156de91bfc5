package dev.millrace.platform.jobs;

import dev.millrace.pgjobs.Transaction;
import dev.millrace.platform.db.Database;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Files that jobs make for other jobs, in PostgreSQL, so that each is there exactly when the job
 * that made it is complete, on whichever node. They are kept for a time. Thread-safe.
 */
public final class JobFiles {
  /** The largest file; it is read into memory where it is used. */
  public static final int MOST_BYTES = 50 << 20;

  private static final int LONGEST_NAME = 255;

  private static final String INSERT =
      """
      INSERT INTO millrace.job_file (id, job_id, name, media_type, sha256, content, expires)
      VALUES (?, ?, ?, ?, ?, ?, now() + make_interval(secs => ?))
      """;

  private static final String COLUMNS =
      "id, job_id, name, media_type, sha256, octet_length(content) AS size, created, expires";

  private final Database database;
  private final Duration retention;

  public JobFiles(Database database, Duration retention) {
    this.database = database;
    this.retention = retention;
  }

  /**
   * Stores what a job made, in the transaction in which it is completed.
   *
   * @throws IllegalArgumentException when it is too large
   */
  public UUID store(
      Transaction transaction, long jobId, String name, String mediaType, byte[] content) {
    requireSize(content);
    var id = UUID.randomUUID();
    var _ =
        transaction.update(
            INSERT,
            id,
            jobId,
            plain(name),
            mediaType,
            sha256(content),
            content,
            (double) retention.toSeconds());
    return id;
  }

  /**
   * Stores what somebody sent, for jobs to use.
   *
   * @throws IllegalArgumentException when it is too large
   */
  public UUID store(String name, String mediaType, byte[] content) {
    requireSize(content);
    var id = UUID.randomUUID();
    database.with(handle ->
        handle.execute(
            INSERT,
            id,
            null,
            plain(name),
            mediaType,
            sha256(content),
            content,
            (double) retention.toSeconds()));
    return id;
  }

  /** Returns a file that is still kept. */
  public Optional<JobFile> find(UUID id) {
    return database.with(handle ->
        handle
            .createQuery(
                "SELECT " + COLUMNS + " FROM millrace.job_file WHERE id = :id AND expires > now()")
            .bind("id", id)
            .map((row, _) -> file(row))
            .findOne());
  }

  /** Returns what a job made, oldest first. */
  public List<JobFile> ofJob(long jobId) {
    return database.with(handle ->
        handle
            .createQuery(
                "SELECT "
                    + COLUMNS
                    + " FROM millrace.job_file WHERE job_id = :job AND expires > now()"
                    + " ORDER BY created, id")
            .bind("job", jobId)
            .map((row, _) -> file(row))
            .list());
  }

  /** Returns the content of a file that is still kept. */
  public Optional<byte[]> content(UUID id) {
    return database.with(handle ->
        handle
            .createQuery("SELECT content FROM millrace.job_file WHERE id = :id AND expires > now()")
            .bind("id", id)
            .mapTo(byte[].class)
            .findOne());
  }

  /** Deletes what was kept long enough; returns how many files. */
  public int deleteExpired() {
    return database.with(
        handle -> handle.execute("DELETE FROM millrace.job_file WHERE expires <= now()"));
  }

  private static void requireSize(byte[] content) {
    if (content.length > MOST_BYTES) {
      throw new IllegalArgumentException(
          "a file of %,d bytes is too large: at most %,d are kept"
              .formatted(content.length, MOST_BYTES));
    }
  }

  /** A file's name may come from anybody and go into headers and to disks of others. */
  private static String plain(String name) {
    var plain = name.replaceAll("[\\p{Cntrl}/\\\\:*?\"<>|]", "_").strip();
    plain = plain.length() > LONGEST_NAME ? plain.substring(0, LONGEST_NAME) : plain;
    return plain.isEmpty() || plain.matches("\\.+") ? "file" : plain;
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static JobFile file(ResultSet row) throws SQLException {
    @Nullable Long jobId = row.getObject("job_id", Long.class);
    return new JobFile(
        row.getObject("id", UUID.class),
        jobId,
        row.getString("name"),
        row.getString("media_type"),
        row.getString("sha256"),
        row.getLong("size"),
        instant(row, "created"),
        instant(row, "expires"));
  }

  private static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }
}
