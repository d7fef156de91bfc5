/**
 * Runs a flow: decides which node is next, and talks to the outside through ports ({@link
 * dev.millrace.flows.engine.FlowStore}, {@link dev.millrace.flows.engine.RunJournal}, {@link
 * dev.millrace.flows.engine.EventSink}, {@link dev.millrace.flows.engine.Secrets}, {@link
 * dev.millrace.flows.engine.StoredFiles}). {@link dev.millrace.flows.engine.AnswerFilter} has the
 * last word on an answer, and {@link dev.millrace.flows.engine.FollowUps} suggests what to ask
 * next.
 */
@NullMarked
package dev.millrace.flows.engine;

import org.jspecify.annotations.NullMarked;
