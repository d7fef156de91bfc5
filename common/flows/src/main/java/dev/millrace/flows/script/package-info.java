/**
 * Runs users' JavaScript in a sandbox. The only package that knows the polyglot API. Start reading
 * at {@link dev.millrace.flows.script.ScriptSandbox}.
 */
@NullMarked
package dev.millrace.flows.script;

import org.jspecify.annotations.NullMarked;
