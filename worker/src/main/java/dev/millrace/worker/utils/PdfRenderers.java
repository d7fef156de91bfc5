package dev.millrace.worker.utils;

import dev.millrace.flows.net.HttpFetcher;
import dev.millrace.platform.settings.JobSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Chooses what makes PDF. Thread-safe. */
public final class PdfRenderers {
  private final JobSettings.PdfRenderer standard;
  private final @Nullable Path program;
  private final Resources resources;
  private final BuiltinPdf builtin;

  /** Made when the first job wants it: most machines have no browser. */
  private volatile @Nullable ChromiumPdf chromium;

  private PdfRenderers(JobSettings settings, Resources resources) {
    standard = settings.pdfRenderer();
    program = settings.chromium();
    this.resources = resources;
    builtin = new BuiltinPdf(resources, settings.templateFolder().resolve("fonts"));
  }

  /** Returns those of this machine. */
  public static PdfRenderers of(JobSettings settings, HttpFetcher fetcher) {
    return new PdfRenderers(settings, new Resources(fetcher));
  }

  /**
   * Returns a renderer.
   *
   * @param kind null for that of PDF_RENDERER
   * @throws dev.millrace.pgjobs.PermanentFailureException when it is not installed here
   */
  public PdfRenderer get(JobSettings.@Nullable PdfRenderer kind) {
    return switch (kind == null ? standard : kind) {
      case BUILTIN -> builtin;
      case CHROMIUM -> chromium();
    };
  }

  private synchronized ChromiumPdf chromium() {
    var known = chromium;
    if (known == null) {
      known = ChromiumPdf.of(program, resources);
      chromium = known;
    }
    return known;
  }
}
