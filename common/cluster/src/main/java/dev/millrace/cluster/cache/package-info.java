/** Caches. Start reading at {@link dev.millrace.cluster.cache.Cache}. */
@NullMarked
package dev.millrace.cluster.cache;

import org.jspecify.annotations.NullMarked;
