package dev.millrace.flows.models;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * One time that a model called functions, and what it was told in return.
 *
 * @param text what it said besides
 * @param calls what it called, in its order
 * @param results one for each call, in the same order
 * @param carry what the provider wants to see again, of {@link ChatModels.Answer#carry}
 */
public record ToolRound(String text, List<Call> calls, List<Result> results, ObjectNode carry) {
  /**
   * A call.
   *
   * @param id by which the result is matched to it
   * @param name of the function, which need not exist
   * @param arguments as the model wrote them: JSON, if it did well
   */
  public record Call(String id, String name, String arguments) {}

  /**
   * What became of a call.
   *
   * @param id of the call
   * @param name of the function
   */
  public record Result(String id, String name, String text) {}

  public ToolRound {
    calls = List.copyOf(calls);
    results = List.copyOf(results);
  }
}
