@NullMarked
package dev.millrace.platform.credentials;

import org.jspecify.annotations.NullMarked;
