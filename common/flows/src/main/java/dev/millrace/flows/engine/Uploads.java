package dev.millrace.flows.engine;

import dev.millrace.flows.model.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** The text of the files that came with a request to be read whole (§3.1). */
final class Uploads {
  private static final Pattern TEXT =
      Pattern.compile("data:(text/|application/(json|xml|yaml|x-yaml|csv))[^,]{0,100};base64,.*");

  private Uploads() {}

  /** Returns what the server has read already, then each file as {@code <doc name='…'>}. */
  static String text(RunRequest request) {
    var text = new StringBuilder(request.text("uploadedFilesContent"));
    for (JsonNode upload : request.input().path("uploads")) {
      String data = JsonText.of(upload.path("data"));
      if (upload.path("type").asString("").equals("file:full") && !data.isEmpty()) {
        text.append("<doc name='").append(upload.path("name").asString("")).append("'>");
        text.append(decoded(data)).append("</doc>\n\n");
      }
    }
    return text.toString();
  }

  /** Clients send the text itself, or the file as a data URI. */
  private static String decoded(String data) {
    int comma = data.indexOf(',');
    if (comma < 0 || !TEXT.matcher(data.substring(0, comma + 1)).matches()) {
      return data;
    }
    try {
      byte[] bytes = Base64.getMimeDecoder().decode(data.substring(comma + 1));
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return data; // it only begins like one
    }
  }
}
