/**
 * Tests of the queue library. {@link dev.millrace.bullmq.TestQueue} is the fixture of those that
 * need a real Redis; {@link dev.millrace.bullmq.QueueIT} shows the wire format.
 */
@NullMarked
package dev.millrace.bullmq;

import org.jspecify.annotations.NullMarked;
