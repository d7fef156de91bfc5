@NullMarked
package dev.millrace.platform.plugins;

import org.jspecify.annotations.NullMarked;
