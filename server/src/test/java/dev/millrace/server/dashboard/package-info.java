/** Tests of the dashboard: its parts, its API, and its pages in a browser. */
@NullMarked
package dev.millrace.server.dashboard;

import org.jspecify.annotations.NullMarked;
