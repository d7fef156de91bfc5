package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.ChatTurn.Image;
import dev.millrace.flows.engine.RunRequest;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The pictures that came with the question, for models that may see them (§4.2). */
final class Images {
  private Images() {}

  /** Returns the pictures, none when the model's settings do not permit them. */
  static List<Image> of(RunRequest request, ModelInputs inputs) {
    JsonNode allowed = inputs.config().path("allowImageUploads");
    if (!allowed.asString("").equals("true") && !allowed.asBoolean(false)) {
      return List.of();
    }
    var images = new ArrayList<Image>();
    for (JsonNode upload : request.input().path("uploads")) {
      String mime = upload.path("mime").asString("");
      String data = upload.path("data").asString("");
      boolean readable =
          data.startsWith("data:image/")
              || data.startsWith("https://")
              || data.startsWith("http://");
      if (mime.startsWith("image/") && readable) {
        images.add(new Image(upload.path("name").asString(""), mime, data));
      }
    }
    return images;
  }
}
