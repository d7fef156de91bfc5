package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ToolRound;
import dev.millrace.flows.tools.ToolArguments;
import dev.millrace.flows.tools.ToolResult;
import dev.millrace.flows.tools.ToolScope;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs the tools that a model called in one answer, side by side. What fails is told to the model:
 * a wrong argument or an unknown name is for it to correct, and a server that is down need not be
 * the end of the conversation.
 */
final class ToolCalls {
  private static final Logger LOG = LoggerFactory.getLogger(ToolCalls.class);
  private static final int MOST_AT_ONCE = 32;

  /**
   * How one call ended.
   *
   * @param result null when it failed
   * @param error null when it did not
   * @param input what the tool worked with
   */
  record Ended(
      ToolRound.Call call,
      AgentTools.@Nullable Entry entry,
      JsonNode input,
      @Nullable ToolResult result,
      @Nullable String error) {
    /** Returns what the model is told. */
    String told() {
      return result == null ? "Error: " + error : result.text();
    }

    /** Returns a row of {@code usedTools}. */
    ObjectNode used() {
      ObjectNode row = Json.object().put("tool", call.name());
      ToolResult given = result;
      row.set("toolInput", given == null || given.arguments() == null ? input : given.arguments());
      row.put("toolOutput", given == null ? "" : given.text());
      return error == null ? row : row.put("error", error);
    }
  }

  private final AgentTools tools;
  private final ToolScope scope;

  ToolCalls(AgentTools tools, ToolScope scope) {
    this.tools = tools;
    this.scope = scope;
  }

  /** Runs the calls and returns their ends in the order of the calls. */
  List<Ended> run(List<ToolRound.Call> calls) {
    scope.cancellation().throwIfCancelled();
    if (calls.size() == 1) {
      return List.of(run(calls.getFirst()));
    }
    var ended = new ArrayList<Ended>();
    for (int from = 0; from < calls.size(); from += MOST_AT_ONCE) {
      ended.addAll(together(calls.subList(from, Math.min(calls.size(), from + MOST_AT_ONCE))));
    }
    return ended;
  }

  private List<Ended> together(List<ToolRound.Call> calls) {
    var work = new ArrayList<Callable<Ended>>();
    calls.forEach(call -> work.add(() -> run(call)));
    var ended = new ArrayList<Ended>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Ended> future : threads.invokeAll(work)) {
        ended.add(future.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FlowCancelledException("the run was interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof FlowException failure) {
        throw failure;
      }
      throw new IllegalStateException("A tool of node " + scope.node() + " broke", e.getCause());
    }
    return ended;
  }

  private Ended run(ToolRound.Call call) {
    AgentTools.Entry entry = tools.find(call.name());
    JsonNode input = AgentMessages.arguments(call);
    if (entry == null) {
      String error =
          "There is no tool \""
              + call.name()
              + "\". There are: "
              + String.join(", ", tools.names())
              + ".";
      return new Ended(call, null, input, null, error);
    }
    try {
      ObjectNode arguments = ToolArguments.read(call.arguments(), entry.spec().parameters());
      ToolResult result = entry.tool().call(arguments, scope).split();
      return new Ended(call, entry, arguments, result, null);
    } catch (FlowCancelledException e) {
      throw e;
    } catch (FlowException e) {
      scope.cancellation().throwIfCancelled();
      return new Ended(call, entry, input, null, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) { // a defect of the tool is no reason to lose the conversation
      LOG.error("Tool {} of node {} broke", call.name(), scope.node(), e);
      return new Ended(call, entry, input, null, "The tool failed unexpectedly: " + e);
    }
  }
}
