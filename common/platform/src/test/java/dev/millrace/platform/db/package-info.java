@NullMarked
package dev.millrace.platform.db;

import org.jspecify.annotations.NullMarked;
