package dev.millrace.flows.lint;

import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.FlowProblem;
import dev.millrace.flows.model.FlowProblem.Code;
import dev.millrace.flows.model.FlowProblem.Severity;
import dev.millrace.flows.model.Json;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Finds inputs that are shown, required and empty: of nodes, of the rows of their lists, and of the
 * models, tools and stores that they choose (specification §1.8).
 *
 * <p>Exports leave credentials out, so in a flow in which nothing has one none is missed.
 */
final class RequiredInputs {
  private static final String CREDENTIAL = "FLOWISE_CREDENTIAL_ID";

  private final boolean credentials;
  private final List<FlowProblem> problems;

  /**
   * @param problems is added to
   */
  RequiredInputs(Flow flow, List<FlowProblem> problems) {
    this.credentials = flow.nodes().stream().anyMatch(RequiredInputs::hasCredential);
    this.problems = problems;
  }

  private static boolean hasCredential(FlowNode node) {
    return !node.data().path("credential").asString("").isEmpty()
        || node.inputs().findValues(CREDENTIAL).stream().anyMatch(id -> !id.asString("").isEmpty());
  }

  void check(FlowNode node) {
    for (JsonNode param : node.data().path("inputParams")) {
      if (!Visibility.shows(param, node.inputs(), -1)) {
        continue;
      }
      String name = param.path("name").asString("");
      if (name.equals("credential")) {
        boolean optional = param.path("optional").asBoolean(false);
        if (!optional && node.data().path("credential").asString("").isEmpty()) {
          credential(node, name);
        }
        continue;
      }
      if (isRequired(param) && isEmpty(node.inputs().path(name))) {
        empty(node, param, name);
      }
      rows(node, param, name);
      component(node, param, node.inputs(), "");
    }
  }

  private void rows(FlowNode node, JsonNode param, String name) {
    JsonNode rows = node.inputs().path(name);
    rows = rows.isString() ? Json.readOrMissing(rows.stringValue()) : rows;
    for (int index = 0; rows.isArray() && index < rows.size(); index++) {
      if (!(rows.get(index) instanceof ObjectNode row)) {
        continue;
      }
      String place = name + "[" + index + "].";
      for (JsonNode field : param.path("array")) {
        if (!Visibility.shows(field, node.inputs(), index)) {
          continue;
        }
        String member = field.path("name").asString("");
        if (isRequired(field) && isEmpty(row.path(member))) {
          empty(node, field, place + member);
        }
        component(node, field, row, place);
      }
    }
  }

  /** Looks at the settings of what a parameter chooses. */
  private void component(FlowNode node, JsonNode param, ObjectNode holder, String place) {
    if (!param.path("loadConfig").asBoolean(false)) {
      return;
    }
    String name = param.path("name").asString("");
    String component = holder.path(name).asString("");
    JsonNode config = holder.path(name + "Config");
    ComponentNeeds.Needs needs = ComponentNeeds.of(component);
    for (String input : needs.inputs()) {
      if (isEmpty(config.path(input))) {
        warn(
            Code.EMPTY_INPUT,
            node,
            " uses "
                + component
                + " without its "
                + input
                + " ("
                + place
                + name
                + "Config), which it needs.");
      }
    }
    boolean given =
        !config.path(CREDENTIAL).asString("").isEmpty()
            || !config.path("credential").asString("").isEmpty()
            || needs.secret().isEmpty()
            || !isEmpty(config.path(needs.secret()));
    if (!given) {
      credential(node, place + name + "Config of " + component);
    }
  }

  private void empty(FlowNode node, JsonNode param, String place) {
    String label = param.path("label").asString(param.path("name").asString(""));
    warn(Code.EMPTY_INPUT, node, " has an empty required input: " + label + " (" + place + ").");
  }

  private void credential(FlowNode node, String place) {
    if (credentials) {
      warn(Code.MISSING_CREDENTIAL, node, " has no credential (" + place + "): choose one.");
    }
  }

  private void warn(Code code, FlowNode node, String what) {
    problems.add(
        new FlowProblem(code, Severity.WARNING, node.id(), node.label(), node.title() + what));
  }

  private static boolean isRequired(JsonNode param) {
    return !param.path("optional").asBoolean(false) && !param.has("default");
  }

  private static boolean isEmpty(JsonNode value) {
    return value.isMissingNode()
        || value.isNull()
        || (value.isString()
            && (value.stringValue().isEmpty() || value.stringValue().equals("<p></p>")));
  }
}
