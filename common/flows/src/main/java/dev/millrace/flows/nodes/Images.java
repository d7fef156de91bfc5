package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.ChatTurn.Image;
import dev.millrace.flows.engine.NodeContext;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The pictures of a conversation, for models that may see them (§4.2). */
final class Images {
  private static final Set<String> KINDS = Set.of("png", "jpg", "jpeg", "gif", "webp");

  /** The kind of an upload whose bytes a Flowise server keeps in its storage. */
  private static final String STORED = "stored-file";

  /** How many bytes of stored pictures a model is shown of one message. */
  private static final int MOST_STORED = 20 << 20;

  private Images() {}

  /** Tells whether the model's settings permit it to see what users show. */
  static boolean permitted(ModelInputs inputs) {
    JsonNode allowed = inputs.config().path("allowImageUploads");
    return allowed.asString("").equals("true") || allowed.asBoolean(false);
  }

  /** Returns the pictures that came with the question. */
  static List<Image> of(NodeContext context) {
    return read(uploaded(context.request().input().path("uploads")), context);
  }

  /** Returns the pictures that came with the question of an earlier run. */
  static List<Image> ofPast(ChatTurn turn, NodeContext context) {
    return read(namedInPast(turn), context);
  }

  /** As {@link #ofPast}, some of them without their bytes. */
  static List<Image> namedInPast(ChatTurn turn) {
    return turn.extra() == null ? List.of() : uploaded(turn.extra().path("fileUploads"));
  }

  /** Returns the pictures of a message of this run, whose bytes its record does not hold. */
  static List<Image> again(List<Image> pictures, NodeContext context) {
    if (pictures.stream().noneMatch(picture -> picture.url().isEmpty())) {
      return pictures;
    }
    List<Image> uploads = of(context);
    var found = new ArrayList<Image>();
    for (Image picture : pictures) {
      Image again = picture.url().isEmpty() ? named(picture, uploads) : picture;
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
      } else if (mime.startsWith("image/") && upload.path("type").asString("").equals(STORED)) {
        images.add(new Image(upload.path("name").asString(""), mime, ""));
      }
    }
    return images;
  }

  /** Reads those that a Flowise server stored; one that is not there is not shown. */
  private static List<Image> read(List<Image> pictures, NodeContext context) {
    var images = new ArrayList<Image>();
    int stored = 0;
    for (Image picture : pictures) {
      if (!picture.url().isEmpty()) {
        images.add(picture);
      } else if (stored < MOST_STORED) {
        byte[] content = context.uploadedFile(picture.name()).orElse(null);
        stored += content == null ? 0 : content.length;
        if (content != null && stored <= MOST_STORED) {
          String data = Base64.getEncoder().encodeToString(content);
          String url = "data:" + picture.mime() + ";base64," + data;
          images.add(new Image(picture.name(), picture.mime(), url));
        }
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
