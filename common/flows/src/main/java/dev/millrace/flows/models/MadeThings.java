package dev.millrace.flows.models;

import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.googleai.GeneratedImageHelper;
import dev.langchain4j.model.openai.OpenAiResponsesChatResponseMetadata;
import dev.millrace.flows.models.ChatModels.Made;
import dev.millrace.flows.models.ChatModels.MadeFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Finds in a provider's answer what its own tools did and made: pictures, and files that code
 * wrote, which are fetched as long as they are there. A file that cannot be had is logged; the
 * answer stands without it.
 */
final class MadeThings {
  private static final Logger LOG = LoggerFactory.getLogger(MadeThings.class);

  /** Larger files would weigh on every message of the conversation. */
  private static final int LARGEST_FILE = 8 << 20;

  private static final int MOST_FILES = 10;

  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("png", "image/png"),
          Map.entry("jpg", "image/jpeg"),
          Map.entry("jpeg", "image/jpeg"),
          Map.entry("gif", "image/gif"),
          Map.entry("webp", "image/webp"),
          Map.entry("pdf", "application/pdf"),
          Map.entry("txt", "text/plain"),
          Map.entry("csv", "text/csv"),
          Map.entry("json", "application/json"),
          Map.entry("html", "text/html"),
          Map.entry("xml", "application/xml"));

  private final ModelConfig config;
  private final ModelExchange exchange;
  private final List<ObjectNode> tools = new ArrayList<>();
  private final List<MadeFile> files = new ArrayList<>();
  private final HashSet<String> seen = new HashSet<>();

  private MadeThings(ModelConfig config, ModelExchange exchange) {
    this.config = config;
    this.exchange = exchange;
  }

  static Made of(ChatResponse response, ModelConfig config, ModelExchange exchange) {
    var made = new MadeThings(config, exchange);
    if (response.metadata() instanceof OpenAiResponsesChatResponseMetadata openAi) {
      made.openAi(output(openAi));
    } else if (config.provider() instanceof Provider.Gemini
        || config.provider() instanceof Provider.Vertex) {
      for (var image : GeneratedImageHelper.getGeneratedImages(response.aiMessage())) {
        var mime = image.mimeType() == null ? "image/png" : image.mimeType();
        made.file(
            "gemini_generated_image." + mime.replaceFirst(".*/", ""), mime, image.base64Data());
      }
    }
    return made.tools.isEmpty() && made.files.isEmpty()
        ? Made.NOTHING
        : new Made(made.tools, made.files);
  }

  private static JsonNode output(OpenAiResponsesChatResponseMetadata metadata) {
    var json = JsonMapper.shared();
    var whole = metadata.rawHttpResponse();
    if (whole != null && whole.body() != null && !whole.body().isBlank()) {
      return json.readTree(whole.body()).path("output");
    }
    var events = metadata.rawServerSentEvents();
    for (var event : events == null ? List.<ServerSentEvent>of() : events.reversed()) {
      if (event.data() != null && event.data().contains("\"response.completed\"")) {
        return json.readTree(event.data()).path("response").path("output");
      }
    }
    return MissingNode.getInstance();
  }

  private void openAi(JsonNode output) {
    for (var item : output) {
      var type = item.path("type").asString("");
      if (type.equals("message")) {
        for (var content : item.path("content")) {
          content.path("annotations").forEach(this::cited);
        }
      } else if (type.equals("image_generation_call")) {
        var format = item.path("output_format").asString("png");
        var name = "generated_image_" + item.path("id").asString("") + "." + format;
        file(name, type(name), item.path("result").asString(""));
      }
      if (type.endsWith("_call") && !type.equals("function_call")) {
        used(type.substring(0, type.length() - "_call".length()), item);
      }
    }
  }

  /** Each tool is told of once, under the name by which it was offered. */
  private void used(String kind, JsonNode item) {
    var tool = kind.equals("web_search") ? "web_search_preview" : kind;
    if (!seen.add("tool " + tool)) {
      return;
    }
    var row = JsonMapper.shared().createObjectNode().put("tool", tool);
    var status = item.path("status").asString("");
    if (kind.equals("image_generation")) {
      row.putObject("toolInput")
          .put("prompt", item.path("revised_prompt").asString("Image generation request"))
          .put("size", item.path("size").asString("1024x1024"))
          .put("quality", item.path("quality").asString("standard"))
          .put("output_format", item.path("output_format").asString("png"));
      row.put("toolOutput", "Image generated and saved");
    } else {
      var input = item.has("action") ? item.path("action") : item.path("code");
      if (!input.isMissingNode()) {
        row.set("toolInput", input);
      }
      row.put("toolOutput", status.equals("completed") ? "Success" : status);
    }
    tools.add(row);
  }

  private void cited(JsonNode annotation) {
    var file = annotation.path("file_id").asString("");
    var name = annotation.path("filename").asString("").replaceFirst(".*/", "");
    if (!annotation.path("type").asString("").equals("container_file_citation")
        || file.isEmpty()
        || name.isEmpty()
        || !seen.add("file " + file)) {
      return;
    }
    var url =
        HttpUrl.get(config.baseUrl())
            .newBuilder()
            .addPathSegment("containers")
            .addPathSegment(annotation.path("container_id").asString(""))
            .addPathSegment("files")
            .addPathSegment(file)
            .addPathSegment("content")
            .build();
    var request = new Request.Builder().url(url);
    config.headers().forEach(request::header);
    var key = config.key();
    if (key != null) {
      request.header("Authorization", "Bearer " + key);
    }
    try (var response = exchange.open(request.build())) {
      var source = response.body().source();
      if (source.request(LARGEST_FILE + 1L)) {
        LOG.warn("The file {} of a model is larger than 8 MiB and left out", name);
        return;
      }
      file(name, type(name), Base64.getEncoder().encodeToString(source.readByteArray()));
    } catch (IOException | ModelException e) {
      LOG.warn("The file {} of a model cannot be had: {}", name, e.getMessage());
    }
  }

  private void file(String name, String mime, @Nullable String base64) {
    if (base64 == null || base64.isEmpty()) {
      return;
    }
    if (files.size() == MOST_FILES || base64.length() > LARGEST_FILE / 3 * 4 + 4) {
      LOG.warn("The file {} of a model is left out: {} files of 8 MiB are kept", name, MOST_FILES);
      return;
    }
    files.add(new MadeFile(name, mime, base64));
  }

  private static String type(String name) {
    var extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return TYPES.getOrDefault(extension, "application/octet-stream");
  }
}
