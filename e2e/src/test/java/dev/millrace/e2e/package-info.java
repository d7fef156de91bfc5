/**
 * Whole processes on real stores, as users start them. {@link dev.millrace.e2e.Deployment} starts
 * and kills them; start reading there.
 */
@NullMarked
package dev.millrace.e2e;

import org.jspecify.annotations.NullMarked;
