package dev.millrace.cluster.cache;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Tells the other nodes what changed in a cache.
 *
 * @param keys null for all
 */
record Changed(String cache, @Nullable Collection<String> keys) {}
