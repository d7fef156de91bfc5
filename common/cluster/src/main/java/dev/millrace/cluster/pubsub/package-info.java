/** Messages to whoever listens now. Start reading at {@link dev.millrace.cluster.pubsub.PubSub}. */
@NullMarked
package dev.millrace.cluster.pubsub;

import org.jspecify.annotations.NullMarked;
