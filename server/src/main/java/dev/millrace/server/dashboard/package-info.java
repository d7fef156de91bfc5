/**
 * The admin dashboard at {@code /admin/queues}: bull-board's pages (npm {@code @bull-board/ui},
 * version 9), and behind them our answers to the requests that they make. Start reading at {@link
 * dev.millrace.server.dashboard.Dashboard}; {@link dev.millrace.server.dashboard.QueueSource} is
 * where further kinds of queues join. {@code NodePage} and {@code PlainPages} are the few pages of
 * our own.
 */
@NullMarked
package dev.millrace.server.dashboard;

import org.jspecify.annotations.NullMarked;
