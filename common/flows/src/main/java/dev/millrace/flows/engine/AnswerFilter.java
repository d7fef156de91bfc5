package dev.millrace.flows.engine;

import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;

/**
 * Makes another text of an answer before anybody gets to see it, as the settings of the run's flow
 * say. Thread-safe, may block.
 */
@FunctionalInterface
public interface AnswerFilter {
  /** Leaves answers as they are. */
  AnswerFilter NONE = (result, run) -> result.text();

  /**
   * The run that answers.
   *
   * @param request what it was asked
   * @param input the question as nodes see it; null when there is none
   * @param chatHistory the conversation before this run, read when it is asked for
   * @param variables of the workspace, read when they are asked for
   * @param cancellation ends the filter's work
   */
  record Run(
      RunRequest request,
      @Nullable String input,
      Supplier<ArrayNode> chatHistory,
      Supplier<Map<String, String>> variables,
      Cancellation cancellation) {}

  /**
   * Returns the text to answer with; that of the result when nothing is to be changed.
   *
   * @throws FlowCancelledException when the run was cancelled meanwhile
   */
  String filter(RunResult result, Run run);
}
