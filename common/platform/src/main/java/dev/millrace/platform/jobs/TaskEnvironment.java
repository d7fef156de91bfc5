package dev.millrace.platform.jobs;

import dev.millrace.flows.net.HttpFetcher;
import dev.millrace.platform.settings.Settings;

/**
 * What tasks are made of.
 *
 * @param files what jobs have made for each other
 * @param mails which mails were sent
 * @param fetcher the guarded way out of the house
 */
public record TaskEnvironment(
    Settings settings, JobFiles files, SentMails mails, HttpFetcher fetcher) {}
