/**
 * Where the work of queues and workers can be seen: {@link
 * dev.millrace.bullmq.telemetry.OpenTelemetryAdapter} makes spans and metrics of it, {@link
 * dev.millrace.bullmq.telemetry.MicrometerMeters} makes meters. Both need their API on the class
 * path, which the library itself does not bring; give one to {@link
 * dev.millrace.bullmq.RedisConnections.Builder#telemetry}. How many jobs a queue has in each state
 * they show of queues that they are told to {@code watch}.
 */
@NullMarked
package dev.millrace.bullmq.telemetry;

import org.jspecify.annotations.NullMarked;
