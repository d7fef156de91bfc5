/** Tests of what every route shares. */
@NullMarked
package dev.millrace.server.http;

import org.jspecify.annotations.NullMarked;
