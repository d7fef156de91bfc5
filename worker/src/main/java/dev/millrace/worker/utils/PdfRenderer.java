package dev.millrace.worker.utils;

import java.io.IOException;

/** Makes PDF of HTML. Thread-safe. */
public interface PdfRenderer {
  /** The most bytes that a document may have. */
  int MOST_BYTES = dev.millrace.platform.jobs.JobFiles.MOST_BYTES;

  /**
   * Makes a document; blocks until it is done.
   *
   * @param html a whole document; what it refers to is fetched guarded, from nowhere else
   * @throws dev.millrace.pgjobs.PermanentFailureException when the HTML is at fault
   * @throws IOException when trying again may help
   */
  byte[] render(String html, PageSetup page) throws IOException, InterruptedException;
}
