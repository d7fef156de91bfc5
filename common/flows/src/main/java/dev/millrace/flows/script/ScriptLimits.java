package dev.millrace.flows.script;

import java.time.Duration;

/**
 * What one script may use.
 *
 * @param wall from the call to the result, waiting for a thread included (SANDBOX_TIMEOUT)
 * @param cpu of the script's thread
 * @param statements executed; 0 for no limit, which is faster, as nothing is counted then
 * @param stackFrames on top of each other
 * @param outputBytes written to the console
 * @param resultChars of the result as JSON
 * @param threads that run scripts; further scripts wait
 */
public record ScriptLimits(
    Duration wall,
    Duration cpu,
    long statements,
    int stackFrames,
    int outputBytes,
    int resultChars,
    int threads) {
  /** Flowise's five minutes, of which ten seconds may be spent computing. */
  public static final ScriptLimits DEFAULT =
      new ScriptLimits(
          Duration.ofMinutes(5),
          Duration.ofSeconds(10),
          0,
          2_000,
          1 << 20,
          16 << 20,
          Math.max(8, 2 * Runtime.getRuntime().availableProcessors()));

  public ScriptLimits {
    if (!wall.isPositive() || !cpu.isPositive() || statements < 0) {
      throw new IllegalArgumentException("the time limits of scripts must be positive");
    }
    if (stackFrames < 1 || outputBytes < 1 || resultChars < 1 || threads < 1) {
      throw new IllegalArgumentException("the size limits of scripts must be positive");
    }
  }

  /** Returns these limits with another for the whole time, which also bounds the computing. */
  public ScriptLimits withWall(Duration limit) {
    return new ScriptLimits(
        limit,
        cpu.compareTo(limit) < 0 ? cpu : limit,
        statements,
        stackFrames,
        outputBytes,
        resultChars,
        threads);
  }
}
