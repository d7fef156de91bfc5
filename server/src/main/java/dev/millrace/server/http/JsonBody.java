package dev.millrace.server.http;

import io.javalin.http.Context;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads request bodies. */
public final class JsonBody {
  private JsonBody() {}

  /**
   * Returns the body as an object; an empty body is an empty object.
   *
   * @throws ApiException 400 when it is no JSON object
   */
  public static ObjectNode read(Context ctx, JsonMapper json) {
    var body = ctx.bodyAsBytes();
    if (body.length == 0) {
      return json.createObjectNode();
    }
    try {
      if (json.readTree(body) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      throw new ApiException(
          400,
          "The body is no valid JSON: "
              + e.getOriginalMessage()
              + " at line "
              + e.getLocation().getLineNr()
              + ", column "
              + e.getLocation().getColumnNr());
    }
    throw new ApiException(400, "The body has to be a JSON object");
  }
}
