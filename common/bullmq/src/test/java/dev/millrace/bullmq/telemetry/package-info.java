/** Tests of the adapters, from outside: with the public API only. */
@NullMarked
package dev.millrace.bullmq.telemetry;

import org.jspecify.annotations.NullMarked;
