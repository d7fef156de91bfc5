package dev.millrace.flows.model;

/** An edge; the branch it leaves by is the number at the end of its source handle. */
public record FlowEdge(String source, String sourceHandle, String target) {}
