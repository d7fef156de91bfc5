/**
 * Background jobs in PostgreSQL as Millrace uses them: {@link
 * dev.millrace.platform.jobs.BackgroundJobs} adds them and looks after them, {@link
 * dev.millrace.platform.jobs.BackgroundTasks} does them, {@link
 * dev.millrace.platform.jobs.BackgroundTask} is what a task implements. Start reading at
 * BackgroundTasks; the queue itself is the library {@code pgjobs}.
 */
@NullMarked
package dev.millrace.platform.jobs;

import org.jspecify.annotations.NullMarked;
