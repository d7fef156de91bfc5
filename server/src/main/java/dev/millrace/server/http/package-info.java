/**
 * What every route shares: errors, CORS, keys, headers. Start reading at {@link
 * dev.millrace.server.http.ApiErrors}.
 */
@NullMarked
package dev.millrace.server.http;

import org.jspecify.annotations.NullMarked;
