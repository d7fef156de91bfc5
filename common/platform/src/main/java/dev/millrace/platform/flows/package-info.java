/**
 * Flows as users save them, the rows of {@code chat_flow}, and the tools and variables that they
 * use. Read {@link dev.millrace.platform.flows.ChatFlowStore} first.
 */
@NullMarked
package dev.millrace.platform.flows;

import org.jspecify.annotations.NullMarked;
