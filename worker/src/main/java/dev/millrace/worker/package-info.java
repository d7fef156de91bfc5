/**
 * What takes jobs: flows from the queue, schedules, background tasks. {@link
 * dev.millrace.worker.WorkerApp} wires it; start reading there.
 */
@NullMarked
package dev.millrace.worker;

import org.jspecify.annotations.NullMarked;
