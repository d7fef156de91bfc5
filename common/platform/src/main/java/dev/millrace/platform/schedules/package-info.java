/**
 * Flows that run by themselves. {@link dev.millrace.platform.schedules.Schedules} is told of every
 * saved flow; a {@link dev.millrace.platform.schedules.ScheduleBeat} says when a run is due, over
 * the queue or in this process; {@link dev.millrace.platform.schedules.ScheduledRuns} runs it.
 * Start reading at {@link dev.millrace.platform.schedules.Schedules}.
 */
@NullMarked
package dev.millrace.platform.schedules;

import org.jspecify.annotations.NullMarked;
