package dev.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Runs one benchmark; called by {@code bench/run}. */
public final class Main {
  private Main() {}

  /**
   * Runs it.
   *
   * @param args the benchmark; then, if not the defaults, for {@code predict} a flow file and the
   *     seconds of a cell, for {@code bullmq} and {@code pgjobs} the jobs of a cell and the rounds,
   *     for {@code engine} a part of it
   */
  public static void main(String[] args) throws Exception {
    var root = Path.of(System.getProperty("millrace.root"));
    var name = args.length == 0 ? "" : args[0];
    var report =
        switch (name) {
          case "predict" -> predict(root, args);
          case "bullmq" -> bullMq(root, args);
          case "million" ->
              new MillionBench(args.length > 1 ? Integer.parseInt(args[1]) : 1_000_000).run();
          case "engine" -> new EngineBench().run(args.length > 1 ? args[1] : "");
          case "dashboard" -> dashboard(root, args);
          case "pgjobs" -> pgJobs(root, args);
          case "cluster" -> new ClusterBench().run();
          case "pgjobs-waiting" -> new PgJobsWaitingBench(7).run();
          default ->
              throw new IllegalArgumentException(
                  "bench/run predict [FLOW.json [SECONDS]] | bullmq [JOBS [ROUNDS [CELL]]] | million [JOBS]"
                      + " | engine [nodes|steps|branches] | pgjobs [JOBS [ROUNDS]] | pgjobs-waiting"
                      + " | cluster | dashboard [JOBS [ROUNDS]]");
        };
    System.out.println(report);
    var part = name.equals("engine") && args.length > 1 ? "-" + args[1] : "";
    var file = root.resolve("bench/results").resolve(name + part + ".md");
    Files.createDirectories(file.getParent());
    Files.writeString(file, report);
    System.out.println("Written to bench/results/" + file.getFileName());
  }

  private static String bullMq(Path root, String[] args) throws Exception {
    var jobs = args.length > 1 ? Integer.parseInt(args[1]) : 100_000;
    var rounds = args.length > 2 ? Integer.parseInt(args[2]) : 5;
    var only = args.length > 3 ? args[3] : "";
    return new BullMqBench(root, jobs, rounds, only).run();
  }

  private static String dashboard(Path root, String[] args) throws Exception {
    var jobs = args.length > 1 ? Integer.parseInt(args[1]) : 100_000;
    var rounds = args.length > 2 ? Integer.parseInt(args[2]) : 15;
    return new DashboardBench(root, jobs, rounds).run();
  }

  private static String pgJobs(Path root, String[] args) throws Exception {
    var jobs = args.length > 1 ? Integer.parseInt(args[1]) : 20_000;
    var rounds = args.length > 2 ? Integer.parseInt(args[2]) : 5;
    return new PgJobsBench(root, jobs, rounds).run();
  }

  private static String predict(Path root, String[] args) throws Exception {
    var flow = args.length > 1 ? Path.of(args[1]) : root.resolve("bench/flows/directreply.json");
    if (!Files.exists(flow)) {
      throw new IOException("no flow at " + flow);
    }
    var seconds = args.length > 2 ? Integer.parseInt(args[2]) : 10;
    return new PredictBench(root, flow, Duration.ofSeconds(seconds)).run();
  }
}
