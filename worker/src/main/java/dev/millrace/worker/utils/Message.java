package dev.millrace.worker.utils;

import dev.millrace.pgjobs.PermanentFailureException;
import jakarta.activation.DataHandler;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import jakarta.mail.util.ByteArrayDataSource;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the message of a mail: text and HTML as alternatives, attachments behind them. */
final class Message {
  private static final int MOST_RECIPIENTS = 500;

  private final Session session;
  private final Mail mail;
  private final @Nullable String sender;

  /**
   * @param sender whom mails come from that do not say it; null when they have to
   */
  Message(Session session, Mail mail, @Nullable String sender) {
    this.session = session;
    this.mail = mail;
    this.sender = sender;
  }

  MimeMessage build() throws MessagingException {
    var from = mail.from() == null ? sender : mail.from();
    if (from == null) {
      throw new PermanentFailureException(
          "the mail has no sender: set SENDER_EMAIL, or give the payload a from");
    }
    var addresses = addresses("from", List.of(from));
    var address = addresses[0].getAddress();
    var domain = address.substring(address.indexOf('@') + 1);
    var message = new Mailer.Identified(session, "<" + mail.id() + "@" + domain + ">");
    message.setFrom(addresses[0]);
    message.setRecipients(RecipientType.TO, addresses("to", mail.to()));
    message.setRecipients(RecipientType.CC, addresses("cc", mail.cc()));
    message.setRecipients(RecipientType.BCC, addresses("bcc", mail.bcc()));
    if (!mail.replyTo().isEmpty()) {
      message.setReplyTo(addresses("replyTo", mail.replyTo()));
    }
    var recipients = message.getAllRecipients();
    if (recipients == null || recipients.length > MOST_RECIPIENTS) {
      throw new PermanentFailureException(
          "a mail has 1 to %d recipients, not %d"
              .formatted(MOST_RECIPIENTS, recipients == null ? 0 : recipients.length));
    }
    // A line break would begin another header.
    message.setSubject(mail.subject().replaceAll("\\R", " "), StandardCharsets.UTF_8.name());
    message.setHeader(
        "Date", DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)));
    fill(message);
    message.saveChanges();
    return message;
  }

  private void fill(MimeMessage message) throws MessagingException {
    if (mail.attachments().isEmpty()) {
      var text = mail.text();
      if (mail.html() == null && text != null) {
        message.setText(text, StandardCharsets.UTF_8.name());
      } else {
        message.setContent(alternatives());
      }
      return;
    }
    var mixed = new MimeMultipart("mixed");
    var body = new MimeBodyPart();
    body.setContent(alternatives());
    mixed.addBodyPart(body);
    for (var attachment : mail.attachments()) {
      var part = new MimeBodyPart();
      part.setDataHandler(
          new DataHandler(new ByteArrayDataSource(attachment.content(), attachment.mediaType())));
      part.setFileName(attachment.name().replaceAll("[\\p{Cntrl}/\\\\]", "_"));
      mixed.addBodyPart(part);
    }
    message.setContent(mixed);
  }

  /** The best comes last (RFC 2046 §5.1.4). */
  private MimeMultipart alternatives() throws MessagingException {
    var alternatives = new MimeMultipart("alternative");
    if (mail.text() != null) {
      alternatives.addBodyPart(part(mail.text(), "plain"));
    }
    if (mail.html() != null) {
      alternatives.addBodyPart(part(mail.html(), "html"));
    }
    return alternatives;
  }

  private static MimeBodyPart part(String text, String subtype) throws MessagingException {
    var part = new MimeBodyPart();
    part.setText(text, StandardCharsets.UTF_8.name(), subtype);
    return part;
  }

  private static InternetAddress[] addresses(String name, List<String> given) {
    var addresses = new ArrayList<InternetAddress>();
    for (var text : given) {
      try {
        for (var address : InternetAddress.parse(text, true)) {
          address.validate();
          if (!address.getAddress().contains("@")) {
            throw new AddressException("it has no domain");
          }
          addresses.add(address);
        }
      } catch (AddressException e) {
        throw new PermanentFailureException(
            "%s has an address that is none, \"%s\": %s"
                .formatted(name, shown(text), e.getMessage()),
            e);
      }
    }
    return addresses.toArray(InternetAddress[]::new);
  }

  private static String shown(String text) {
    return text.length() > 200 ? text.substring(0, 200) + "…" : text;
  }
}
