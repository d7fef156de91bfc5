package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.DataUri;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.NodeInputs;
import dev.millrace.flows.net.MultipartForm;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The body of a request.
 *
 * @param bytes null for none
 * @param contentType what it is, null for none
 */
record HttpBody(byte @Nullable [] bytes, @Nullable String contentType) {
  static final HttpBody NONE = new HttpBody(null, null);

  /** Makes the body that {@code bodyType} and {@code body} describe. */
  static HttpBody of(NodeInputs inputs) {
    JsonNode body = inputs.raw("body");
    if (Json.isFalsy(body)) {
      return NONE;
    }
    return switch (inputs.text("bodyType")) {
      case "", "json" -> text(Json.write(json(body)), "application/json");
      case "raw" -> text(inputs.text("body"), "text/plain; charset=utf-8");
      case "xml" -> text(inputs.text("body"), "application/xml; charset=utf-8");
      case "xWwwFormUrlencoded" ->
          text(
              HttpNode.encoded(HttpNode.pairs(inputs, "body")),
              "application/x-www-form-urlencoded");
      case "formData" -> multipart(HttpNode.pairs(inputs, "body"));
      default ->
          throw new FlowException(
              "the body type (bodyType) \""
                  + inputs.text("bodyType")
                  + "\" is unknown: choose another.");
    };
  }

  private static JsonNode json(JsonNode body) {
    return body.isString() ? LenientJson.read(body.stringValue(), "the HTTP body") : body;
  }

  private static HttpBody text(String text, String contentType) {
    return new HttpBody(text.getBytes(StandardCharsets.UTF_8), contentType);
  }

  private static HttpBody multipart(List<Map.Entry<String, String>> fields) {
    var form = new MultipartForm();
    for (var field : fields) {
      DataUri.read(field.getValue())
          .ifPresentOrElse(
              file ->
                  form.addFile(
                      field.getKey(), file.nameOr(field.getKey()), file.type(), file.content()),
              () -> form.add(field.getKey(), field.getValue()));
    }
    return new HttpBody(form.bytes(), form.contentType());
  }
}
