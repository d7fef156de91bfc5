/**
 * What a node of a cluster is there for. Start reading at {@link
 * dev.millrace.cluster.ServiceSplit}.
 */
@NullMarked
package dev.millrace.cluster;

import org.jspecify.annotations.NullMarked;
