/**
 * One process among many: what it serves, what it is made of, and who else is there. Start reading
 * at {@link dev.millrace.platform.node.Node}.
 */
@NullMarked
package dev.millrace.platform.node;

import org.jspecify.annotations.NullMarked;
