/** Tests of the history of jobs. */
@NullMarked
package dev.millrace.platform.history;

import org.jspecify.annotations.NullMarked;
