/**
 * What runs leave behind: executions, chat messages and the journal of runs that have not ended.
 * Read {@link dev.millrace.platform.runs.RunStore} first, then {@link
 * dev.millrace.platform.runs.RunBatch}, which holds the SQL.
 */
@NullMarked
package dev.millrace.platform.runs;

import org.jspecify.annotations.NullMarked;
