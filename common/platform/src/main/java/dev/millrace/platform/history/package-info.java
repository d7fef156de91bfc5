/**
 * What became of the jobs of all queues over days and months, in PostgreSQL: workers count ({@link
 * dev.millrace.platform.history.JobHistory}), the dashboard reads ({@link
 * dev.millrace.platform.history.JobHistoryStore}).
 */
@NullMarked
package dev.millrace.platform.history;

import org.jspecify.annotations.NullMarked;
