/**
 * What stands between double braces in a flow's inputs, and how it becomes a value. Start reading
 * at {@link dev.millrace.flows.expression.Template}.
 */
@NullMarked
package dev.millrace.flows.expression;

import org.jspecify.annotations.NullMarked;
