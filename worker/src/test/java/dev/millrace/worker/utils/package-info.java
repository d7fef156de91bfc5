/** Tests of what background tasks share. */
@NullMarked
package dev.millrace.worker.utils;

import org.jspecify.annotations.NullMarked;
