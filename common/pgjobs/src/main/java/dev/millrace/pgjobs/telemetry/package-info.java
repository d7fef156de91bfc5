/**
 * Where the work of runners can be seen: {@link dev.millrace.pgjobs.telemetry.MicrometerMeters}
 * makes meters of it. It needs Micrometer on the class path, which the library does not bring.
 */
@NullMarked
package dev.millrace.pgjobs.telemetry;

import org.jspecify.annotations.NullMarked;
