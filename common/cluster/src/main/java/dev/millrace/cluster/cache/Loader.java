package dev.millrace.cluster.cache;

import org.jspecify.annotations.Nullable;

/** Computes a value that a cache does not have. */
@FunctionalInterface
public interface Loader<V extends @Nullable Object> {
  V load() throws Exception;
}
