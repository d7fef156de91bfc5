/**
 * The nodes that flows are made of, one class for each kind. Start reading at {@link
 * dev.millrace.flows.nodes.StandardNodes}.
 */
@NullMarked
package dev.millrace.flows.nodes;

import org.jspecify.annotations.NullMarked;
