package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.NodeInputs;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
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
    String boundary = "millrace-" + UUID.randomUUID();
    var out = new ByteArrayOutputStream();
    for (var field : fields) {
      var file = DataUri.read(field.getValue());
      var head = new StringBuilder("--").append(boundary);
      head.append("\r\nContent-Disposition: form-data; name=\"").append(quoted(field.getKey()));
      head.append('"');
      if (file.isPresent()) {
        head.append("; filename=\"").append(quoted(file.get().nameOr(field.getKey())));
        head.append("\"\r\nContent-Type: ").append(file.get().type());
      }
      out.writeBytes(head.append("\r\n\r\n").toString().getBytes(StandardCharsets.UTF_8));
      out.writeBytes(
          file.map(DataUri::content)
              .orElseGet(() -> field.getValue().getBytes(StandardCharsets.UTF_8)));
      out.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
    }
    out.writeBytes(("--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8));
    return new HttpBody(out.toByteArray(), "multipart/form-data; boundary=" + boundary);
  }

  /** Escapes a field's name as browsers do. */
  private static String quoted(String name) {
    return name.replace("\r", "%0D").replace("\n", "%0A").replace("\"", "%22");
  }
}
