/**
 * Stand-ins for what lies outside the engine, and short ways to run a flow. Start reading at {@link
 * dev.millrace.flows.fakes.TestRun}.
 */
@NullMarked
package dev.millrace.flows.fakes;

import org.jspecify.annotations.NullMarked;
