@NullMarked
package dev.millrace.platform.tasks;

import org.jspecify.annotations.NullMarked;
