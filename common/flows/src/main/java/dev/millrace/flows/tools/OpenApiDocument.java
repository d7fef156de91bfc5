package dev.millrace.flows.tools;

import dev.millrace.flows.model.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an OpenAPI 3 document says of a server's operations.
 *
 * @param server the first one that it names, with the defaults of its variables; perhaps relative;
 *     "" when none
 */
record OpenApiDocument(String server, List<Operation> operations) {
  /**
   * An operation.
   *
   * @param path with {@code {placeholders}}
   * @param parameters the schema of the {@link #MEMBERS}
   * @param bodyType the media type of its body, "" when it has none
   */
  record Operation(
      String id,
      String method,
      String path,
      String description,
      ObjectNode parameters,
      String bodyType) {}

  /** What an operation may be given. */
  static final List<String> MEMBERS =
      List.of(
          "PathParameters",
          "QueryParameters",
          "HeaderParameters",
          "CookieParameters",
          "RequestBody");

  private static final Map<String, String> PLACES =
      Map.of(
          "path", "PathParameters",
          "query", "QueryParameters",
          "header", "HeaderParameters",
          "cookie", "CookieParameters");

  /** Headers that are no parameters, whatever a document says. */
  private static final Set<String> NO_PARAMETERS =
      Set.of("accept", "content-type", "authorization");

  private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");
  private static final int MOST_OPERATIONS = 500;
  private static final int LARGEST = 5 << 20;
  private static final int DEEPEST = 12;

  /** Reads a document in JSON or YAML. */
  static OpenApiDocument read(String text, ToolOrder order) {
    if (text.length() > LARGEST) {
      throw order.wrong("the OpenAPI document is larger than 5 MiB");
    }
    JsonNode root = Json.readOrMissing(text);
    if (!root.isObject()) {
      root = yaml(text, order);
    }
    if (!root.path("paths").isObject()) {
      throw order.wrong("the OpenAPI document has no paths");
    }
    var operations = new ArrayList<Operation>();
    for (var path : root.path("paths").properties()) {
      JsonNode shared = resolved(root, path.getValue(), 0);
      for (var method : shared.properties()) {
        if (METHODS.contains(method.getKey()) && operations.size() < MOST_OPERATIONS) {
          operations.add(
              operation(root, path.getKey(), shared, method.getKey(), method.getValue()));
        }
      }
    }
    return new OpenApiDocument(server(root.path("servers").path(0)), List.copyOf(operations));
  }

  private static String server(JsonNode server) {
    String url = server.path("url").asString("");
    for (var variable : server.path("variables").properties()) {
      String value = variable.getValue().path("default").asString("");
      url = url.replace("{" + variable.getKey() + "}", value);
    }
    return url;
  }

  private static JsonNode yaml(String text, ToolOrder order) {
    try {
      var options = new LoaderOptions();
      options.setMaxAliasesForCollections(50);
      options.setCodePointLimit(LARGEST);
      options.setNestingDepthLimit(60);
      Object read = new Yaml(new SafeConstructor(options)).load(text);
      return JsonMapper.shared().valueToTree(read);
    } catch (YAMLException e) {
      throw order.wrong("the OpenAPI document is neither JSON nor YAML: " + e.getMessage());
    }
  }

  private static Operation operation(
      JsonNode root, String path, JsonNode shared, String method, JsonNode operation) {
    var byMember = new HashMap<String, ObjectNode>();
    for (JsonNode list : List.of(shared.path("parameters"), operation.path("parameters"))) {
      for (JsonNode parameter : list) {
        JsonNode one = resolved(root, parameter, 0);
        String name = one.path("name").asString("");
        String member = PLACES.get(one.path("in").asString(""));
        boolean ours =
            !"HeaderParameters".equals(member)
                || !NO_PARAMETERS.contains(name.toLowerCase(Locale.ROOT));
        if (member != null && ours && !name.isEmpty()) {
          byMember.computeIfAbsent(member, _ -> Json.object()).set(name, field(root, one));
        }
      }
    }
    ObjectNode properties = Json.object();
    var required = new ArrayList<String>();
    MEMBERS.forEach(member -> add(properties, required, member, byMember.get(member)));
    JsonNode body = resolved(root, operation.path("requestBody"), 0);
    String type = OpenApiBody.choose(body.path("content"));
    if (!type.isEmpty()) {
      JsonNode content = body.path("content").path(type).path("schema");
      properties.set(
          "RequestBody",
          OpenApiBody.isText(type) ? Schemas.type("string", type) : schema(root, content, 0));
      if (body.path("required").asBoolean(false)) {
        required.add("RequestBody");
      }
    }
    String upper = method.toUpperCase(Locale.ROOT);
    String id = operation.path("operationId").asString(method + path.replaceAll("[{}]", ""));
    String about = operation.path("description").asString("");
    about = about.isEmpty() ? operation.path("summary").asString("") : about;
    return new Operation(
        id.replace('/', '_'),
        upper,
        path,
        about.isEmpty() ? upper + " " + path : about,
        Schemas.object(properties, required),
        type);
  }

  /** Returns what a model is told of a parameter. */
  private static ObjectNode field(JsonNode root, JsonNode parameter) {
    JsonNode content = parameter.path("content").path("application/json").path("schema");
    JsonNode given = content.isObject() ? content : parameter.path("schema");
    ObjectNode field = Json.object();
    if (given.isObject() && schema(root, given, 0) instanceof ObjectNode schema) {
      field.setAll(schema);
    }
    String about = parameter.path("description").asString("");
    if (!about.isEmpty()) {
      field.put("description", about);
    }
    return field.put("required", parameter.path("required").asBoolean(false));
  }

  private static void add(
      ObjectNode properties,
      List<String> required,
      String name,
      @org.jspecify.annotations.Nullable ObjectNode fields) {
    if (fields == null) {
      return;
    }
    ObjectNode schema = Schemas.of(fields);
    properties.set(name, schema);
    if (!schema.path("required").isEmpty()) {
      required.add(name);
    }
  }

  /** Replaces references by what they refer to, to a depth at which a model has seen enough. */
  private static JsonNode schema(JsonNode root, JsonNode given, int depth) {
    JsonNode schema = resolved(root, given, 0);
    if (!(schema instanceof ObjectNode object) || depth > DEEPEST) {
      return Json.object().put("type", "object");
    }
    ObjectNode copy = Json.shallowCopy(object);
    if (object.get("properties") instanceof ObjectNode properties) {
      ObjectNode inner = Json.object();
      properties
          .properties()
          .forEach(one -> inner.set(one.getKey(), schema(root, one.getValue(), depth + 1)));
      copy.set("properties", inner);
    }
    if (object.path("items").isObject()) {
      copy.set("items", schema(root, object.path("items"), depth + 1));
    }
    return copy;
  }

  private static JsonNode resolved(JsonNode root, JsonNode value, int hops) {
    String reference = value.path("$ref").asString("");
    if (!reference.startsWith("#/") || hops > DEEPEST) {
      return value;
    }
    JsonNode at = root;
    for (String step : reference.substring(2).split("/", -1)) {
      at = at.path(step.replace("~1", "/").replace("~0", "~"));
    }
    return resolved(root, at, hops + 1);
  }
}
