/**
 * What in a flow will disappoint although it can run. Start reading at {@link
 * dev.millrace.flows.lint.FlowLint}.
 */
@NullMarked
package dev.millrace.flows.lint;

import org.jspecify.annotations.NullMarked;
