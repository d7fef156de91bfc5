/**
 * The guarded HTTP client through which everything a flow fetches goes. Start reading at {@link
 * dev.millrace.flows.net.HttpFetcher}.
 */
@NullMarked
package dev.millrace.flows.net;

import org.jspecify.annotations.NullMarked;
