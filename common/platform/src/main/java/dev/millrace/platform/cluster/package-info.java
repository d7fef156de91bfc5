/**
 * The primitives that nodes share, put together as the settings say. Start reading at {@link
 * dev.millrace.platform.cluster.Cluster}.
 */
@NullMarked
package dev.millrace.platform.cluster;

import org.jspecify.annotations.NullMarked;
