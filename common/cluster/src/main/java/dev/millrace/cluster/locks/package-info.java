/** One at a time, across nodes. Start reading at {@link dev.millrace.cluster.locks.Locks}. */
@NullMarked
package dev.millrace.cluster.locks;

import org.jspecify.annotations.NullMarked;
