/**
 * The command line {@code bin/millrace}: flows as files, checked, run, traced and exchanged with a
 * server. Start reading at {@link dev.millrace.platform.cli.FlowCommands}; a run here is a {@link
 * dev.millrace.platform.cli.LocalRun}, with what the flow uses from a {@link
 * dev.millrace.platform.cli.Library} of files.
 */
@NullMarked
package dev.millrace.platform.cli;

import org.jspecify.annotations.NullMarked;
