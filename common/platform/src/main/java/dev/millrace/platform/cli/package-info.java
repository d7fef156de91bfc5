/**
 * The command line {@code bin/millrace}: flows as files, checked, run, traced and exchanged with a
 * server. Start reading at {@link dev.millrace.platform.cli.FlowCommands}.
 */
@NullMarked
package dev.millrace.platform.cli;

import org.jspecify.annotations.NullMarked;
