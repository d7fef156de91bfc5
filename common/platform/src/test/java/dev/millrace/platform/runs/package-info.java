@NullMarked
package dev.millrace.platform.runs;

import org.jspecify.annotations.NullMarked;
