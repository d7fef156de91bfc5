/**
 * What a Start node says about who starts its flow besides people: webhooks and schedules, read
 * from the exported inputs, with the checks that a request has to pass. Start reading at {@link
 * dev.millrace.flows.trigger.WebhookTrigger}.
 */
@NullMarked
package dev.millrace.flows.trigger;

import org.jspecify.annotations.NullMarked;
