package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.ChatTurn.Image;
import dev.millrace.flows.engine.RunRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The pictures of a conversation, for models that may see them (§4.2). */
final class Images {
  private static final Set<String> KINDS = Set.of("png", "jpg", "jpeg", "gif", "webp");

  private Images() {}

  /** Tells whether the model's settings permit it to see what users show. */
  static boolean permitted(ModelInputs inputs) {
    JsonNode allowed = inputs.config().path("allowImageUploads");
    return allowed.asString("").equals("true") || allowed.asBoolean(false);
  }

  /** Returns the pictures that came with the question. */
  static List<Image> of(RunRequest request) {
    return uploaded(request.input().path("uploads"));
  }

  /** Returns the pictures that came with the question of an earlier run. */
  static List<Image> ofPast(ChatTurn turn) {
    return turn.extra() == null ? List.of() : uploaded(turn.extra().path("fileUploads"));
  }

  /** Returns the pictures of a message of this run, whose bytes its record does not hold. */
  static List<Image> again(List<Image> pictures, RunRequest request) {
    var found = new ArrayList<Image>();
    for (Image picture : pictures) {
      Image again = picture.url().isEmpty() ? named(picture, of(request)) : picture;
      if (again != null) {
        found.add(again);
      }
    }
    return found;
  }

  /** Returns the pictures that a model made with an answer. */
  static List<Image> made(ChatTurn answer) {
    var made = new ArrayList<Image>();
    ObjectNode extra = answer.extra();
    if (extra == null || !answer.role().equals("assistant")) {
      return made;
    }
    for (JsonNode artifact : extra.path("artifacts")) {
      String kind = artifact.path("type").asString("");
      String data = artifact.path("data").asString("");
      if (KINDS.contains(kind) && isReadable(data)) {
        made.add(new Image("", "image/" + kind, data));
      }
    }
    return made;
  }

  private static List<Image> uploaded(JsonNode uploads) {
    var images = new ArrayList<Image>();
    for (JsonNode upload : uploads) {
      String mime = upload.path("mime").asString("");
      String data = upload.path("data").asString("");
      if (mime.startsWith("image/") && isReadable(data)) {
        images.add(new Image(upload.path("name").asString(""), mime, data));
      }
    }
    return images;
  }

  private static boolean isReadable(String data) {
    return data.startsWith("data:image/")
        || data.startsWith("https://")
        || data.startsWith("http://");
  }

  private static @Nullable Image named(Image picture, List<Image> uploads) {
    return uploads.stream()
        .filter(upload -> upload.name().equals(picture.name()))
        .filter(upload -> upload.mime().equals(picture.mime()))
        .findFirst()
        .orElse(null);
  }
}
