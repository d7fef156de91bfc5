/**
 * Benchmarks of whole processes: real server, real worker, real stores, load over HTTP. Start
 * reading at {@link dev.millrace.bench.PredictBench}. {@link dev.millrace.bench.BullMqBench}
 * measures the queue library beside Node's: {@link dev.millrace.bench.JavaPeer} and {@code
 * node/peer.mjs} do the same work in turn. {@link dev.millrace.bench.EngineBench} measures the flow
 * engine alone.
 */
@NullMarked
package dev.millrace.bench;

import org.jspecify.annotations.NullMarked;
