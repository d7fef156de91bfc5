/**
 * Reads crontabs in graphile-worker's dialect: five fields, a task, options as in a URL's query and
 * a JSON5 payload on one line. Knows no database. Read {@link dev.millrace.pgjobs.cron.Crontab}
 * first, then {@link dev.millrace.pgjobs.cron.CronItem}.
 */
@NullMarked
package dev.millrace.pgjobs.cron;

import org.jspecify.annotations.NullMarked;
