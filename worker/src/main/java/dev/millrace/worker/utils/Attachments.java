package dev.millrace.worker.utils;

import dev.millrace.pgjobs.PermanentFailureException;
import dev.millrace.platform.jobs.JobFile;
import dev.millrace.platform.jobs.JobFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Finds what a mail takes along: {@code [{"file": id}, {"job": id}]}, each perhaps with a {@code
 * filename}: a file that is kept, or all that an earlier job made. Nothing else can be attached, no
 * path and no address.
 */
public final class Attachments {
  private static final int MOST = 50;
  private static final long MOST_BYTES = 40L << 20;

  /** What goes along, under a name. */
  public record Attachment(String name, String mediaType, byte[] content) {}

  private final JobFiles files;

  public Attachments(JobFiles files) {
    this.files = files;
  }

  /**
   * Reads them.
   *
   * @throws PermanentFailureException when one is not kept any more, or they are too many
   */
  public List<Attachment> of(JsonNode given) {
    if (given.isMissingNode() || given.isNull()) {
      return List.of();
    }
    if (!given.isArray()) {
      throw Payload.wrong("is wrong: attachments has to be a list");
    }
    var attachments = new ArrayList<Attachment>();
    var bytes = 0L;
    for (var one : given) {
      var name = Payload.text(one, "filename");
      for (var file : files(one)) {
        bytes += file.size();
        if (attachments.size() == MOST || bytes > MOST_BYTES) {
          throw new PermanentFailureException(
              "a mail takes at most %d files of %,d bytes together".formatted(MOST, MOST_BYTES));
        }
        attachments.add(attachment(file, name));
      }
    }
    return attachments;
  }

  private Attachment attachment(JobFile file, @Nullable String name) {
    var content = files.content(file.id()).orElseThrow(() -> gone("file " + file.id()));
    return new Attachment(name == null ? file.name() : name, file.mediaType(), content);
  }

  private List<JobFile> files(JsonNode one) {
    var id = Payload.text(one, "file");
    if (id != null) {
      return List.of(files.find(uuid(id)).orElseThrow(() -> gone("file " + id)));
    }
    if (one.path("job").canConvertToLong()) {
      var made = files.ofJob(one.path("job").asLong());
      if (made.isEmpty()) {
        throw gone("a file of job " + one.path("job").asLong());
      }
      return made;
    }
    throw Payload.wrong("is wrong: an attachment is {\"file\": id} or {\"job\": id}, nothing else");
  }

  private static UUID uuid(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw Payload.wrong("is wrong: the id of an attached file is a UUID, not \"" + text + "\"");
    }
  }

  private static PermanentFailureException gone(String what) {
    return new PermanentFailureException(
        what + " cannot be attached: it is not, or no longer, kept");
  }
}
