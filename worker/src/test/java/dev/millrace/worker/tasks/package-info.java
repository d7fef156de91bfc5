/** Tests of background tasks. */
@NullMarked
package dev.millrace.worker.tasks;

import org.jspecify.annotations.NullMarked;
