package dev.millrace.worker.tasks;

import dev.millrace.pgjobs.PermanentFailureException;
import dev.millrace.pgjobs.Task;
import dev.millrace.pgjobs.TaskContext;
import dev.millrace.platform.jobs.BackgroundTask;
import dev.millrace.platform.jobs.JobFiles;
import dev.millrace.platform.jobs.SentMails;
import dev.millrace.platform.jobs.TaskEnvironment;
import dev.millrace.worker.utils.Attachments;
import dev.millrace.worker.utils.Mail;
import dev.millrace.worker.utils.Mailer;
import dev.millrace.worker.utils.NextJob;
import dev.millrace.worker.utils.Payload;
import dev.millrace.worker.utils.Templates;
import jakarta.mail.MessagingException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sends a mail: {@code {to, cc, bcc, replyTo, from, subject, text, html, template, data,
 * attachments, key, next}}. A {@code template} gives what {@code text} and {@code html} do not.
 * What the server refuses for good fails the job for good; everything else is tried again. A mail
 * may come twice when a worker dies at the moment in which the server takes it; both have the same
 * Message-ID. With a {@code key}, a second job of that key sends nothing.
 */
public final class Email implements BackgroundTask {
  private static final Set<String> MEMBERS =
      Set.of(
          "to",
          "cc",
          "bcc",
          "replyTo",
          "from",
          "subject",
          "text",
          "html",
          "template",
          "data",
          "attachments",
          "key",
          "next");

  @Override
  public String name() {
    return "email";
  }

  @Override
  public Duration timeout() {
    return Duration.ofMinutes(5);
  }

  @Override
  public Task open(TaskEnvironment environment) {
    var settings = environment.settings();
    return new Sending(
        new Mailer(settings.mail()),
        new Templates(settings.jobs().templateFolder()),
        environment.files(),
        environment.mails());
  }

  /** The task, with its tools. */
  private record Sending(Mailer mailer, Templates templates, JobFiles files, SentMails mails)
      implements Task {
    @Override
    public void run(TaskContext job) throws MessagingException {
      var payload = Payload.of(job);
      Payload.requireKnown(payload, MEMBERS);
      var next = NextJob.of(payload);
      var mail = mail(job, payload);
      var key = Payload.text(payload, "key");
      var earlier = key == null ? Optional.<String>empty() : mails.reserve(key, job.job().id());
      var id = earlier.isPresent() ? earlier.get() : send(job, mail, key);
      job.completeWith(tx -> {
        if (key != null && earlier.isEmpty()) {
          mails.sent(tx, key, id);
        }
        next.ifPresent(one -> {
          one.payload().put("messageId", id);
          var _ = tx.addJob(one.job());
        });
        return id;
      });
    }

    private String send(TaskContext job, Mail mail, @Nullable String key)
        throws MessagingException {
      try {
        var id = mailer.send(mail);
        job.logger().info("Sent {}", id);
        return id;
      } catch (PermanentFailureException e) {
        if (key != null) {
          mails.release(key, job.job().id());
        }
        throw e;
      }
    }

    private Mail mail(TaskContext job, ObjectNode payload) {
      var template = Payload.text(payload, "template");
      var data = payload.path("data");
      @Nullable String html = Payload.text(payload, "html");
      @Nullable String text = Payload.text(payload, "text");
      if (template != null) {
        html = html == null ? templates.html(template, data) : html;
        text = text == null ? templates.text(template, data).orElse(null) : text;
      }
      if (html == null && text == null) {
        throw Payload.wrong("has neither text nor html nor template");
      }
      var subject = Payload.text(payload, "subject");
      return new Mail(
          Payload.text(payload, "from"),
          Payload.texts(payload, "to"),
          Payload.texts(payload, "cc"),
          Payload.texts(payload, "bcc"),
          Payload.texts(payload, "replyTo"),
          subject == null ? "" : subject,
          text,
          html,
          new Attachments(files).of(payload.path("attachments")),
          "job-%d-%d".formatted(job.job().id(), job.job().createdAt().toEpochMilli()));
    }
  }
}
