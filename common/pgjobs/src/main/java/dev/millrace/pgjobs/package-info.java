/**
 * Background jobs and cron in PostgreSQL, in the tables of graphile-worker: whatever can run SQL
 * can start a job ({@code SELECT graphile_worker.add_job('sendInvoice', '{"id": 7}')}), and Node's
 * workers and ours share one schema.
 *
 * <p>Read {@link dev.millrace.pgjobs.PgJobs} first: the schema, adding and looking after jobs. Then
 * {@link dev.millrace.pgjobs.JobRunner}, which does them with the {@link dev.millrace.pgjobs.Tasks}
 * it is given. Behind it, each in a file: {@code Notifications} hears that there is work (sooner
 * over {@link dev.millrace.pgjobs.PromptSocketFactory}), {@code Fetcher} claims it, {@code Slots}
 * runs it on virtual threads, {@code Finisher} stores how it ended, {@code Tender} gives signs of
 * life and frees what dead runners left, {@code CronRunner} adds what is due. {@link
 * dev.millrace.pgjobs.cron} reads crontabs. What the schema's functions do stands in the {@code
 * *.sql} beside this package.
 */
@NullMarked
package dev.millrace.pgjobs;

import org.jspecify.annotations.NullMarked;
