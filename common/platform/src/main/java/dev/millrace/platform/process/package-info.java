/**
 * What every process does besides its work: logging, and stopping in order. Start reading at {@link
 * dev.millrace.platform.process.Shutdown}.
 */
@NullMarked
package dev.millrace.platform.process;

import org.jspecify.annotations.NullMarked;
