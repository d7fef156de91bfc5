/** Tests of the crontab's dialect; no database. */
@NullMarked
package dev.millrace.pgjobs.cron;

import org.jspecify.annotations.NullMarked;
