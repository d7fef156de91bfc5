package dev.millrace.flows.engine;

/**
 * What a run talks to.
 *
 * @param store what it reads of the past
 * @param secrets where it finds credentials
 * @param journal what is told of its progress
 * @param events who hears it; {@link EventSink#NONE} costs nothing
 */
public record RunPorts(FlowStore store, Secrets secrets, RunJournal journal, EventSink events) {}
