package dev.millrace.bench;

import dev.millrace.testing.RedisProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What Redis could do of the writes that a job takes if they came as plain pipelined commands,
 * which neither decide nor depend on anything: more than any queue can reach.
 */
final class Ceiling {
  private static final String REQUESTS = "200000";

  /** To add a job: its hash, its place, the sign for workers, two events. */
  private static final List<String> ADDING =
      List.of(
          "hset bench:__rand_int__ name job data {\"i\":1} opts {\"attempts\":0} timestamp"
              + " 1795335283663 delay 0 priority 0",
          "lpush bench:wait __rand_int__",
          "zadd bench:marker 0 0",
          "xadd bench:events maxlen ~ 10000 * event added jobId __rand_int__ name job",
          "xadd bench:events maxlen ~ 10000 * event waiting jobId __rand_int__");

  /** To process one: it moves, is locked, marked and read, leaves, and is deleted; two events. */
  private static final List<String> PROCESSING =
      List.of(
          "rpoplpush bench:wait bench:wait",
          "set bench:__rand_int__:lock 0b1e7f0a-1111-2222-3333-444455556666:12 px 30000",
          "hset bench:__rand_int__ processedOn 1795335283663 ats 1",
          "hgetall bench:__rand_int__",
          "rpop bench:active",
          "del bench:__rand_int__ bench:__rand_int__:lock",
          "xadd bench:events maxlen ~ 10000 * event active jobId __rand_int__ prev waiting",
          "xadd bench:events maxlen ~ 10000 * event completed jobId __rand_int__ returnvalue null"
              + " prev active");

  private final RedisProcess redis;

  Ceiling(RedisProcess redis) {
    this.redis = redis;
  }

  /** Returns how many jobs a second could be added. */
  double adds() throws IOException, InterruptedException {
    return jobsPerSecond(ADDING);
  }

  /** Returns how many jobs a second could be processed, after {@link #adds}. */
  double processed() throws IOException, InterruptedException {
    return jobsPerSecond(PROCESSING);
  }

  /** Redis does one thing at a time, so that what a job takes is the sum. */
  private double jobsPerSecond(List<String> commands) throws IOException, InterruptedException {
    var seconds = 0.0;
    for (var command : commands) {
      seconds += 1 / rate(command);
    }
    return 1 / seconds;
  }

  private double rate(String command) throws IOException, InterruptedException {
    var line =
        new ArrayList<>(
            List.of("redis-benchmark", "-p", "" + redis.port(), "-n", REQUESTS, "-P", "32"));
    line.addAll(List.of("-c", "4", "-r", "100000", "--csv"));
    line.addAll(List.of(command.split(" ")));
    var process = new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    // "command","rate", and in newer versions the latencies, after a line of titles.
    var fields = output.strip().lines().reduce("", (_, last) -> last).split("\",\"", -1);
    try {
      return Double.parseDouble(fields[1].replace("\"", ""));
    } catch (ArrayIndexOutOfBoundsException | NumberFormatException e) {
      throw new IOException("redis-benchmark did not say how fast " + command + " is: " + output);
    }
  }
}
