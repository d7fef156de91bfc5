/** The server process. {@link dev.millrace.server.ServerApp} wires it; start reading there. */
@NullMarked
package dev.millrace.server;

import org.jspecify.annotations.NullMarked;
