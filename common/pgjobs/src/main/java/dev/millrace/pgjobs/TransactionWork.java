package dev.millrace.pgjobs;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What is done in a transaction. */
@FunctionalInterface
public interface TransactionWork<T extends @Nullable Object> {
  /** Does it; throwing rolls it back. */
  T run(Transaction transaction) throws SQLException;
}
