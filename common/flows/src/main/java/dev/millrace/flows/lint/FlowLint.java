package dev.millrace.flows.lint;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.expression.InputTemplates;
import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.FlowProblem;
import dev.millrace.flows.model.FlowProblem.Code;
import dev.millrace.flows.model.FlowProblem.Severity;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.script.ScriptSandbox;
import dev.millrace.flows.trigger.ScheduleTrigger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Looks for what {@link dev.millrace.flows.model.FlowCheck} lets pass since the flow can run all
 * the same (specification §1.8 and appendix C): references that cannot resolve, required inputs
 * left empty, credentials that are missing, loops to what does not lead to them, state that nobody
 * sets, scripts that want modules there are not, schedules that make no sense. Everything it finds
 * is a warning. Thread-safe.
 */
public final class FlowLint {
  private static final Pattern STATE =
      Pattern.compile("\\{\\{\\s*\\$flow\\.state\\.([\\p{L}\\p{N}_$]+)");
  private static final Pattern REQUIRE =
      Pattern.compile("\\brequire\\(\\s*['\"](?:node:)?([^'\"]{1,100})['\"]\\s*\\)");

  private FlowLint() {}

  /** Returns what it found, in the order of the nodes. */
  public static List<FlowProblem> lint(Flow flow) {
    var problems = new ArrayList<FlowProblem>();
    var reach = new Reach(flow);
    Set<String> keys = stateKeys(flow);
    var required = new RequiredInputs(flow, problems);
    for (FlowNode node : flow.nodes()) {
      references(node, reach, problems);
      state(node, keys, problems);
      modules(node, problems);
      required.check(node);
      loop(node, reach, problems);
      if (node.name().equals("httpAgentflow") && reach.isLast(node)) {
        problems.add(
            warning(
                Code.BLANK_ANSWER,
                node,
                "HTTP node "
                    + node.title()
                    + " is the last of its branch, so the flow's answer is blank: let a Direct"
                    + " Reply follow it."));
      }
    }
    schedule(flow, problems);
    return List.copyOf(problems);
  }

  private static void references(FlowNode node, Reach reach, List<FlowProblem> problems) {
    for (String id : InputTemplates.of(node).nodeIds()) {
      // What is no id of a node may be anything that is meant to stay as it is.
      if (reach.knows(id) && !reach.leads(id, node.id())) {
        problems.add(
            warning(
                Code.REFERENCE,
                node,
                node.title()
                    + " refers to {{"
                    + id
                    + "}}, which never runs before it: the text would stay as it is."));
      } else if (!reach.knows(id) && id.matches("[A-Za-z]+Agentflow_\\d+")) {
        problems.add(
            warning(
                Code.REFERENCE,
                node,
                node.title() + " refers to {{" + id + "}}, which is not in the flow."));
      }
    }
  }

  private static Set<String> stateKeys(Flow flow) {
    var keys = new HashSet<String>();
    for (FlowNode node : flow.nodes()) {
      for (var input : node.inputs().properties()) {
        if (input.getKey().equals("startState") || input.getKey().endsWith("UpdateState")) {
          JsonNode rows = input.getValue();
          rows = rows.isString() ? Json.readOrMissing(rows.stringValue()) : rows;
          rows.forEach(row -> keys.add(row.path("key").asString("")));
        }
      }
    }
    return keys;
  }

  private static void state(FlowNode node, Set<String> keys, List<FlowProblem> problems) {
    var missing = new TreeSet<String>();
    STATE
        .matcher(node.inputs().toString())
        .results()
        .map(found -> found.group(1))
        .filter(key -> !keys.contains(key))
        .forEach(missing::add);
    for (String key : missing) {
      problems.add(
          warning(
              Code.UNDECLARED_STATE,
              node,
              node.title()
                  + " reads $flow.state."
                  + key
                  + ", which no node sets: declare it in the Start node's state."));
    }
  }

  private static void modules(FlowNode node, List<FlowProblem> problems) {
    var missing = new TreeSet<String>();
    REQUIRE
        .matcher(node.inputs().path("customFunctionJavascriptFunction").asString(""))
        .results()
        .map(found -> found.group(1))
        .filter(module -> !ScriptSandbox.MODULES.contains(module))
        .forEach(missing::add);
    for (String module : missing) {
      problems.add(
          warning(
              Code.UNAVAILABLE_MODULE,
              node,
              node.title()
                  + " requires \""
                  + module
                  + "\", which the sandbox has not. It has "
                  + String.join(", ", new TreeSet<>(ScriptSandbox.MODULES))
                  + "."));
    }
  }

  private static void loop(FlowNode node, Reach reach, List<FlowProblem> problems) {
    String target = node.loopTarget();
    if (node.name().equals("loopAgentflow")
        && target != null
        && reach.knows(target)
        && !reach.isAncestor(target, node.id())) {
      problems.add(
          warning(
              Code.LOOP_TARGET,
              node,
              "Loop node "
                  + node.title()
                  + " goes back to "
                  + target
                  + ", which does not lead to it on its canvas: choose a node before it."));
    }
  }

  private static void schedule(Flow flow, List<FlowProblem> problems) {
    try {
      var _ = ScheduleTrigger.of(flow);
    } catch (FlowException e) {
      problems.add(
          new FlowProblem(
              Code.SCHEDULE, Severity.WARNING, null, null, String.valueOf(e.getMessage())));
    }
  }

  private static FlowProblem warning(Code code, FlowNode node, String message) {
    return new FlowProblem(code, Severity.WARNING, node.id(), node.label(), message);
  }
}
