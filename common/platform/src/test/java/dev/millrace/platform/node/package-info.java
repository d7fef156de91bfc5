@NullMarked
package dev.millrace.platform.node;

import org.jspecify.annotations.NullMarked;
