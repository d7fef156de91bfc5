@NullMarked
package dev.millrace.platform.storage;

import org.jspecify.annotations.NullMarked;
