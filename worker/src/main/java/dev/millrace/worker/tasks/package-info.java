/**
 * The background tasks that every worker offers, one class each, named as the jobs that they do; a
 * new one also needs its line in {@code META-INF/services}. What they share is in {@link
 * dev.millrace.worker.utils}. {@link dev.millrace.worker.tasks.SendInvoice} shows how tasks follow
 * each other: it prepares, {@link dev.millrace.worker.tasks.Pdf} draws, {@link
 * dev.millrace.worker.tasks.Email} sends.
 */
@NullMarked
package dev.millrace.worker.tasks;

import org.jspecify.annotations.NullMarked;
