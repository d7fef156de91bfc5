/**
 * Benchmarks of whole processes: real server, real worker, real stores, load over HTTP. Start
 * reading at {@link dev.millrace.bench.PredictBench}.
 */
@NullMarked
package dev.millrace.bench;

import org.jspecify.annotations.NullMarked;
