/**
 * BullMQ for the JVM: queues, workers and events on Redis, compatible with Node's BullMQ at the
 * wire (keys, fields, scores, markers, locks and stream events), so that producers and workers of
 * both languages share a queue. Read {@link dev.millrace.bullmq.Queue} first, then {@link
 * dev.millrace.bullmq.Worker} and {@link dev.millrace.bullmq.QueueEvents}; all three talk to Redis
 * through {@link dev.millrace.bullmq.RedisConnections}. Every change of state is one Lua script
 * ({@code *.lua} beside this package), never a sequence of commands.
 *
 * <p>Beside them: {@link dev.millrace.bullmq.FlowProducer} adds trees of jobs; from a queue come
 * its {@link dev.millrace.bullmq.JobSchedulers}, {@link dev.millrace.bullmq.QueueGetters}, {@link
 * dev.millrace.bullmq.QueueMaintenance}, {@link dev.millrace.bullmq.QueueSettings} and {@link
 * dev.millrace.bullmq.QueueMetrics}; {@link dev.millrace.bullmq.Topology} says where Redis is,
 * {@link dev.millrace.bullmq.Telemetry} who watches; a {@link dev.millrace.bullmq.QueueListener}
 * and a {@link dev.millrace.bullmq.WorkerListener} hear what their own queue or worker does, {@link
 * dev.millrace.bullmq.QueueEvents} what anybody does.
 */
@NullMarked
package dev.millrace.bullmq;

import org.jspecify.annotations.NullMarked;
