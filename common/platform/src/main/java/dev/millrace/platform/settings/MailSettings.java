package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.optional;
import static dev.millrace.platform.settings.Variable.secret;
import static dev.millrace.platform.settings.Variable.withDefault;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Who takes our mails.
 *
 * @param host null when no mail can be sent
 * @param port of that host
 * @param user null when none is wanted
 * @param password null when none is wanted
 * @param secure whether TLS begins at once; otherwise as soon as the server offers it
 * @param rejectUnauthorized whether the server's certificate must be valid
 * @param sender the address that mails come from; null when each job has to say it
 */
public record MailSettings(
    @Nullable String host,
    int port,
    @Nullable String user,
    @Nullable Secret password,
    boolean secure,
    boolean rejectUnauthorized,
    @Nullable String sender) {
  private static final int SMTPS = 465;
  private static final int SUBMISSION = 587;

  private static final Variable<String> SMTP_HOST =
      optional(
          "SMTP_HOST", Syntax.text("a host name or address"), "no mail is sent", "Mail server");
  private static final Variable<Integer> SMTP_PORT =
      optional(
          "SMTP_PORT",
          Syntax.integer(1, 65_535),
          "465 when SMTP_SECURE is true, else 587",
          "Its port");
  private static final Variable<String> SMTP_USER =
      optional("SMTP_USER", Syntax.text("a user"), "no login", "User to log in as");
  private static final Variable<Secret> SMTP_PASSWORD =
      secret("SMTP_PASSWORD", Syntax.secret("the password of that user"), "none", "Its password");
  private static final Variable<Boolean> SMTP_SECURE =
      withDefault(
          "SMTP_SECURE",
          Syntax.bool(),
          "true",
          "Whether the connection is encrypted from its beginning; if not, it is as soon as the"
              + " server offers STARTTLS");
  private static final Variable<Boolean> ALLOW_UNAUTHORIZED_CERTS =
      withDefault(
          "ALLOW_UNAUTHORIZED_CERTS",
          Syntax.bool(),
          "false",
          "Whether any certificate of the mail server will do");
  private static final Variable<String> SENDER_EMAIL =
      optional(
          "SENDER_EMAIL",
          Syntax.text("an address, perhaps with a name: Millrace <flows@example.com>"),
          "each mail has to name its sender",
          "Sender of mails");

  static final List<Variable<?>> VARIABLES =
      List.of(
          SMTP_HOST,
          SMTP_PORT,
          SMTP_USER,
          SMTP_PASSWORD,
          SMTP_SECURE,
          ALLOW_UNAUTHORIZED_CERTS,
          SENDER_EMAIL);

  static MailSettings read(Values values) {
    boolean secure = values.get(SMTP_SECURE);
    return new MailSettings(
        values.find(SMTP_HOST),
        Objects.requireNonNullElse(values.find(SMTP_PORT), secure ? SMTPS : SUBMISSION),
        values.find(SMTP_USER),
        values.find(SMTP_PASSWORD),
        secure,
        !values.get(ALLOW_UNAUTHORIZED_CERTS),
        values.find(SENDER_EMAIL));
  }
}
