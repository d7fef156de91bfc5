/**
 * The primitives of {@code dev.millrace.cluster} for this product: which implementation runs, and
 * the adapters that need PostgreSQL, BullMQ queues or pgjobs. Start reading at {@link
 * dev.millrace.platform.cluster.ClusterServices}.
 */
@NullMarked
package dev.millrace.platform.cluster;

import org.jspecify.annotations.NullMarked;
