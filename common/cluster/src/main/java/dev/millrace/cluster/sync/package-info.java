/**
 * Messages about committed changes. Start reading at {@link
 * dev.millrace.cluster.sync.SyncMessages}; {@link dev.millrace.cluster.sync.LoggedSyncMessages} is
 * how they travel, {@link dev.millrace.cluster.sync.SyncLog} what keeps them.
 */
@NullMarked
package dev.millrace.cluster.sync;

import org.jspecify.annotations.NullMarked;
