/** Tests of the server on real stores. */
@NullMarked
package dev.millrace.server;

import org.jspecify.annotations.NullMarked;
