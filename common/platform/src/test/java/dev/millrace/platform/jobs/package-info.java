/** Tests of background jobs as Millrace uses them. */
@NullMarked
package dev.millrace.platform.jobs;

import org.jspecify.annotations.NullMarked;
