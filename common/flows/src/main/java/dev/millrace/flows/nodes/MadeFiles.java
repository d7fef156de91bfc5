package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.RunRequest;
import dev.millrace.flows.models.ChatModels.Made;
import dev.millrace.flows.models.ChatModels.MadeFile;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The files that a model made, as an answer carries them (§4.3). Flowise names a file in its
 * storage; here the file itself is in the message, from which the server serves it.
 */
final class MadeFiles {
  private static final Set<String> PICTURES = Set.of("image/png", "image/jpeg");

  /** A link that a model writes to a file where its code runs. */
  private static final Pattern LINK = Pattern.compile("\\(sandbox:/([^)\\s]{1,1000})\\)");

  private MadeFiles() {}

  /** Adds pictures to the artifacts, and the other files to the annotations. */
  static void add(Made made, ArrayNode artifacts, ArrayNode annotations) {
    for (MadeFile file : made.files()) {
      String data = "data:" + file.mime() + ";base64," + file.base64();
      if (PICTURES.contains(file.mime())) {
        ObjectNode artifact = artifacts.addObject();
        artifact.put("type", file.mime().substring("image/".length())).put("data", data);
        artifact.put("name", file.name());
      } else {
        annotations.addObject().put("filePath", data).put("fileName", file.name());
      }
    }
  }

  /** Returns a text whose links to files that were made lead to where they can be had. */
  static String linked(String text, RunRequest request, List<ArrayNode> rows) {
    if (!text.contains("(sandbox:/")) {
      return text;
    }
    return LINK.matcher(text)
        .replaceAll(link -> {
          String name = link.group(1).replaceFirst(".*/", "");
          return Matcher.quoteReplacement(
              isThere(name, rows) ? "(" + address(name, request) + ")" : link.group());
        });
  }

  private static boolean isThere(String name, List<ArrayNode> rows) {
    for (ArrayNode some : rows) {
      for (JsonNode row : some) {
        if (row.path("name").asString(row.path("fileName").asString("")).equals(name)) {
          return true;
        }
      }
    }
    return false;
  }

  private static String address(String name, RunRequest request) {
    return "/api/v1/get-upload-file?chatflowId="
        + encoded(request.flowId())
        + "&chatId="
        + encoded(request.chatId())
        + "&fileName="
        + encoded(name)
        + "&download=true";
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
