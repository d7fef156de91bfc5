package dev.millrace.worker.utils;

import dev.millrace.worker.utils.Attachments.Attachment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A mail.
 *
 * @param from null for SENDER_EMAIL
 * @param text null when there is only HTML
 * @param html null when there is only text
 * @param id what makes the Message-ID, so that a mail that is sent again can be told by it
 */
public record Mail(
    @Nullable String from,
    List<String> to,
    List<String> cc,
    List<String> bcc,
    List<String> replyTo,
    String subject,
    @Nullable String text,
    @Nullable String html,
    List<Attachment> attachments,
    String id) {
  public Mail {
    to = List.copyOf(to);
    cc = List.copyOf(cc);
    bcc = List.copyOf(bcc);
    replyTo = List.copyOf(replyTo);
    attachments = List.copyOf(attachments);
  }
}
