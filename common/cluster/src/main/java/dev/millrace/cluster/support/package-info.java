/** What the primitives share; not for those who use them. */
@NullMarked
package dev.millrace.cluster.support;

import org.jspecify.annotations.NullMarked;
