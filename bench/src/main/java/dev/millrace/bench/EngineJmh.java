package dev.millrace.bench;

import dev.millrace.flows.engine.RunJournal;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.model.Flow;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One run without a journal, of flows of several lengths: the slope is the price of a node. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@State(Scope.Benchmark)
public class EngineJmh {
  /** Nodes behind the Start node. */
  @Param({"1", "21", "101"})
  public int steps = 1;

  private final EngineRuns runs = new EngineRuns();
  private Flow flow = EngineRuns.chain(1);

  /** Runs it. */
  @Benchmark
  public RunResult run() {
    if (flow.nodes().size() != steps + 1) {
      flow = EngineRuns.chain(steps);
    }
    return runs.run(flow, "w", RunJournal.NONE);
  }

  /** Gives back what runs used. */
  @TearDown
  public void close() {
    runs.close();
  }
}
