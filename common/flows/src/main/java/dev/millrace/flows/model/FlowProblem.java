package dev.millrace.flows.model;

import org.jspecify.annotations.Nullable;

/**
 * Something wrong with a flow.
 *
 * @param code which kind of problem
 * @param severity whether the flow can run at all
 * @param nodeId the node it is about, or null when it is about the flow
 * @param nodeLabel that node's label, or null
 * @param message what is wrong and what to do about it
 */
public record FlowProblem(
    Code code,
    Severity severity,
    @Nullable String nodeId,
    @Nullable String nodeLabel,
    String message) {

  /** What follows from a problem. */
  public enum Severity {
    /** Every run fails before its first node. */
    ERROR,
    /** The flow can be saved and run; the run fails or disappoints where the problem is. */
    WARNING
  }

  /** The kinds of problems. */
  public enum Code {
    NO_START,
    SEVERAL_STARTS,
    NO_INPUT_TYPE,
    SEVERAL_ROOTS,
    DUPLICATE_NODE,
    CYCLE,
    NOT_AN_AGENTFLOW,
    UNKNOWN_NODE,
    UNKNOWN_MODEL,
    UNKNOWN_TOOL,
    UNKNOWN_STORE,
    EDGE_TO_NOWHERE,
    EDGE_FROM_NOWHERE,
    DUPLICATE_EDGE,
    UNKNOWN_CONTAINER,
    TOO_MANY_CONTAINERS,
    EDGE_OUT_OF_CONTAINER,
    EDGE_INTO_CONTAINER,
    BRANCH_WITHOUT_EDGE,
    LOOP_TARGET,
    DUPLICATE_LABEL,
    REFERENCE,
    UNDECLARED_STATE,
    UNAVAILABLE_MODULE,
    EMPTY_INPUT,
    MISSING_CREDENTIAL,
    BLANK_ANSWER,
    SCHEDULE
  }
}
