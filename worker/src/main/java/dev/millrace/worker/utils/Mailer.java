package dev.millrace.worker.utils;

import dev.millrace.pgjobs.PermanentFailureException;
import dev.millrace.platform.settings.MailSettings;
import jakarta.mail.Authenticator;
import jakarta.mail.MessagingException;
import jakarta.mail.PasswordAuthentication;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.jspecify.annotations.Nullable;

/** Sends mails over the operator's server. Thread-safe. */
public final class Mailer {
  private static final String CONNECT_MS = "10000";
  private static final String ANSWER_MS = "60000";

  private final MailSettings settings;
  private final @Nullable Session session;

  public Mailer(MailSettings settings) {
    this.settings = settings;
    session = settings.host() == null ? null : session(settings, settings.host());
  }

  private static Session session(MailSettings settings, String host) {
    var properties = new Properties();
    properties.setProperty("mail.transport.protocol", "smtp");
    properties.setProperty("mail.smtp.host", host);
    properties.setProperty("mail.smtp.port", Integer.toString(settings.port()));
    properties.setProperty("mail.smtp.connectiontimeout", CONNECT_MS);
    properties.setProperty("mail.smtp.timeout", ANSWER_MS);
    properties.setProperty("mail.smtp.writetimeout", ANSWER_MS);
    properties.setProperty("mail.smtp.ssl.enable", Boolean.toString(settings.secure()));
    properties.setProperty("mail.smtp.starttls.enable", Boolean.toString(!settings.secure()));
    properties.setProperty(
        "mail.smtp.ssl.checkserveridentity", Boolean.toString(settings.rejectUnauthorized()));
    if (!settings.rejectUnauthorized()) {
      properties.setProperty("mail.smtp.ssl.trust", "*");
    }
    // All recipients or none: a mail that some have got cannot be tried again.
    properties.setProperty("mail.smtp.sendpartial", "false");
    var user = settings.user();
    var password = settings.password();
    properties.setProperty("mail.smtp.auth", Boolean.toString(user != null));
    if (user == null) {
      return Session.getInstance(properties);
    }
    return Session.getInstance(
        properties,
        new Authenticator() {
          @Override
          protected PasswordAuthentication getPasswordAuthentication() {
            return new PasswordAuthentication(user, password == null ? "" : password.reveal());
          }
        });
  }

  /**
   * Sends a mail; when it returns, the server has taken it.
   *
   * @return its Message-ID
   * @throws PermanentFailureException when trying again is of no use: an address or the mail itself
   *     was refused for good
   * @throws MessagingException when trying again may help
   */
  public String send(Mail mail) throws MessagingException {
    if (session == null) {
      throw new IllegalStateException("no mail can be sent: SMTP_HOST is not set");
    }
    var message = new Message(session, mail, settings.sender()).build();
    try (var transport = session.getTransport("smtp")) {
      transport.connect();
      transport.sendMessage(message, message.getAllRecipients());
      return message.getMessageID();
    } catch (SendFailedException e) {
      throw refused(e);
    }
  }

  /** Sorts out refusals: 5xx is for good, 4xx is for now (RFC 5321 §4.2.1). */
  private static MessagingException refused(SendFailedException error) {
    var reasons = new ArrayList<String>();
    var isForGood = false;
    for (Exception e = error;
        e != null;
        e = e instanceof MessagingException m ? m.getNextException() : null) {
      var code = code(e);
      if (code != 0) {
        reasons.add(String.valueOf(e.getMessage()).strip());
      }
      isForGood |= code >= 500;
    }
    if (isForGood) {
      throw new PermanentFailureException("the mail server refused: " + joined(reasons), error);
    }
    return error;
  }

  private static String joined(List<String> reasons) {
    return String.join("; ", reasons.stream().distinct().toList());
  }

  private static int code(Exception e) {
    return switch (e) {
      case SMTPAddressFailedException refused -> refused.getReturnCode();
      case SMTPSenderFailedException refused -> refused.getReturnCode();
      case SMTPSendFailedException refused -> refused.getReturnCode();
      default -> 0;
    };
  }

  /** A message whose Message-ID says which job it is of. */
  static final class Identified extends MimeMessage {
    private final String id;

    Identified(Session session, String id) {
      super(session);
      this.id = id;
    }

    @Override
    protected void updateMessageID() throws MessagingException {
      setHeader("Message-ID", id);
    }
  }
}
