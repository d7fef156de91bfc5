/**
 * Runs a flow: decides which node is next, and talks to the outside through ports ({@link
 * dev.millrace.flows.engine.FlowStore}, {@link dev.millrace.flows.engine.RunJournal}, {@link
 * dev.millrace.flows.engine.EventSink}, {@link dev.millrace.flows.engine.Secrets}).
 */
@NullMarked
package dev.millrace.flows.engine;

import org.jspecify.annotations.NullMarked;
