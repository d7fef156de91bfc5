/**
 * Says whether this process can do its work, and why not. Start reading at {@link
 * dev.millrace.platform.health.Health}.
 */
@NullMarked
package dev.millrace.platform.health;

import org.jspecify.annotations.NullMarked;
