@NullMarked
package dev.millrace.platform.flows;

import org.jspecify.annotations.NullMarked;
