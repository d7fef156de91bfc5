@NullMarked
package dev.millrace.platform.apikeys;

import org.jspecify.annotations.NullMarked;
