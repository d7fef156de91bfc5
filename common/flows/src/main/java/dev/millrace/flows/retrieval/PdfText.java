package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.io.MemoryUsageSetting;
import org.apache.pdfbox.io.RandomAccessReadBuffer;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.encryption.InvalidPasswordException;
import org.apache.pdfbox.text.PDFTextStripper;
import org.apache.pdfbox.text.TextPosition;
import tools.jackson.databind.node.ObjectNode;

/** The text of a PDF file, a piece of each page or one of all. */
final class PdfText {
  private static final int MOST_PAGES = 10_000;

  /** What a file may unpack to: in memory, and with a temporary file. */
  private static final long IN_MEMORY = 32L << 20;

  private static final long UNPACKED = 512L << 20;

  private PdfText() {}

  static List<Piece> of(
      DocumentFile file, ObjectNode about, boolean perFile, Cancellation cancellation) {
    var cache = MemoryUsageSetting.setupMixed(IN_MEMORY, UNPACKED).streamCache;
    try (var source = new RandomAccessReadBuffer(file.content());
        PDDocument document = Loader.loadPDF(source, cache)) {
      List<Piece> pages = pages(document, file, about, cancellation);
      if (!perFile) {
        return pages;
      }
      String text = pages.stream().map(Piece::text).collect(Collectors.joining("\n\n"));
      ObjectNode all = about.deepCopy();
      all.putObject("pdf").put("totalPages", document.getNumberOfPages());
      return List.of(new Piece(text, all, null));
    } catch (InvalidPasswordException e) {
      throw new FlowException(
          "The file " + file.name() + " is protected by a password: remove it first.", e);
    } catch (IOException e) {
      throw new FlowException(
          "The file " + file.name() + " cannot be read as PDF: " + e.getMessage() + ".", e);
    }
  }

  private static List<Piece> pages(
      PDDocument document, DocumentFile file, ObjectNode about, Cancellation cancellation)
      throws IOException {
    int count = document.getNumberOfPages();
    if (count > MOST_PAGES) {
      throw new FlowException(
          "The file "
              + file.name()
              + " has "
              + count
              + " pages; at most "
              + MOST_PAGES
              + " are read: split it.");
    }
    var stripper = new Stripper(cancellation);
    var pages = new ArrayList<Piece>();
    long length = 0;
    for (int page = 1; page <= count; page++) {
      cancellation.throwIfCancelled();
      stripper.setStartPage(page);
      stripper.setEndPage(page);
      String text = stripper.getText(document).strip();
      length += text.length();
      if (length > DocumentLoaders.LONGEST_TEXT) {
        throw new FlowException(
            "The file "
                + file.name()
                + " has more than "
                + DocumentLoaders.LONGEST_TEXT
                + " characters: split it.");
      }
      ObjectNode where = about.deepCopy();
      where.putObject("pdf").put("totalPages", count);
      where.set("loc", Json.object().put("pageNumber", page));
      pages.add(new Piece(text, where, null));
    }
    return pages;
  }

  /** Looks for a cancellation also inside a page, which may be made to take very long. */
  private static final class Stripper extends PDFTextStripper {
    private final Cancellation cancellation;

    Stripper(Cancellation cancellation) {
      this.cancellation = cancellation;
    }

    @Override
    protected void processTextPosition(TextPosition text) {
      cancellation.throwIfCancelled();
      super.processTextPosition(text);
    }
  }
}
