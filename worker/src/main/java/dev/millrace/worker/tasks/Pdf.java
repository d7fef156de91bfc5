package dev.millrace.worker.tasks;

import dev.millrace.pgjobs.Task;
import dev.millrace.pgjobs.TaskContext;
import dev.millrace.platform.jobs.BackgroundTask;
import dev.millrace.platform.jobs.JobFiles;
import dev.millrace.platform.jobs.TaskEnvironment;
import dev.millrace.platform.settings.JobSettings;
import dev.millrace.worker.utils.NextJob;
import dev.millrace.worker.utils.PageSetup;
import dev.millrace.worker.utils.Payload;
import dev.millrace.worker.utils.PdfRenderers;
import dev.millrace.worker.utils.Templates;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes a PDF of HTML: {@code {html, template, data, filename, page: {format, landscape, margin},
 * renderer, next}}. The document is kept as a file of this job; the payload of the {@code next} job
 * gets {@code {"file": id, "filename": …}} as one of its {@code attachments}. File, next job and
 * completion are one transaction, so a worker that dies leaves either none of them or all.
 */
public final class Pdf implements BackgroundTask {
  private static final Set<String> MEMBERS =
      Set.of("html", "template", "data", "filename", "page", "renderer", "next");
  private static final String TYPE = "application/pdf";

  @Override
  public String name() {
    return "pdf";
  }

  @Override
  public Duration timeout() {
    return Duration.ofMinutes(5);
  }

  @Override
  public Task open(TaskEnvironment environment) {
    var settings = environment.settings().jobs();
    return new Drawing(
        PdfRenderers.of(settings, environment.fetcher()),
        new Templates(settings.templateFolder()),
        environment.files());
  }

  /** The task, with its tools. */
  private record Drawing(PdfRenderers renderers, Templates templates, JobFiles files)
      implements Task {
    @Override
    public void run(TaskContext job) throws IOException, InterruptedException {
      var payload = Payload.of(job);
      Payload.requireKnown(payload, MEMBERS);
      var next = NextJob.of(payload);
      next.ifPresent(Drawing::attachmentsOf);
      var page = PageSetup.of(payload.path("page"));
      var renderer = renderers.get(kind(payload));
      var document = renderer.render(html(payload), page);
      var filename = Payload.text(payload, "filename");
      var name = filename == null ? "document.pdf" : filename;
      var file =
          job.completeWith(tx -> {
            var id = files.store(tx, job.job().id(), name, TYPE, document);
            next.ifPresent(one -> {
              attachmentsOf(one).addObject().put("file", id.toString()).put("filename", name);
              var _ = tx.addJob(one.job());
            });
            return id;
          });
      job.logger().info("Made file {} of {} bytes", file, document.length);
    }

    private String html(ObjectNode payload) {
      var html = Payload.text(payload, "html");
      var template = Payload.text(payload, "template");
      if (html != null) {
        return html;
      }
      if (template == null) {
        throw Payload.wrong("has neither html nor template");
      }
      return templates.html(template, payload.path("data"));
    }

    private static JobSettings.@Nullable PdfRenderer kind(ObjectNode payload) {
      var renderer = Payload.text(payload, "renderer");
      if (renderer == null) {
        return null;
      }
      return switch (renderer.toLowerCase(Locale.ROOT)) {
        case "builtin" -> JobSettings.PdfRenderer.BUILTIN;
        case "chromium" -> JobSettings.PdfRenderer.CHROMIUM;
        default -> throw Payload.wrong("is wrong: renderer is builtin or chromium");
      };
    }

    /** Returns the attachments of what follows, making room for the first. */
    private static ArrayNode attachmentsOf(NextJob next) {
      var attachments = next.payload().path("attachments");
      if (attachments.isMissingNode() || attachments.isNull()) {
        return next.payload().putArray("attachments");
      }
      if (attachments instanceof ArrayNode list) {
        return list;
      }
      throw Payload.wrong("is wrong: next.payload.attachments has to be a list");
    }
  }
}
