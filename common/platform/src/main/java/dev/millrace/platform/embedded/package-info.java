/**
 * A real PostgreSQL and a real Redis for those who configured none: child processes on loopback
 * whose data and passwords live under the data folder, stopped with their owner however it ends.
 * Start reading at {@link dev.millrace.platform.embedded.EmbeddedStores}; {@code guard.sh} is what
 * outlives a killed owner.
 */
@NullMarked
package dev.millrace.platform.embedded;

import org.jspecify.annotations.NullMarked;
