package dev.millrace.flows.script;

import dev.millrace.flows.net.HttpFetcher;
import dev.millrace.flows.script.ScriptSandbox.Script;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** What passes between us and the processes of scripts, as JSON. */
final class ScriptWire {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private ScriptWire() {}

  static ObjectNode script(Script script) {
    var json = JSON.objectNode().put("code", script.code());
    var values = json.putObject("values");
    var missing = json.putArray("missing");
    script
        .globals()
        .forEach((name, value) -> {
          if (value.isMissingNode()) {
            missing.add(name);
          } else {
            values.set(name, value);
          }
        });
    return json;
  }

  static Script script(JsonNode json) {
    var globals = new HashMap<String, JsonNode>();
    json.path("values")
        .properties()
        .forEach(value -> globals.put(value.getKey(), value.getValue()));
    json.path("missing").forEach(name -> globals.put(name.asString(""), MissingNode.getInstance()));
    return new Script(json.path("code").asString(""), globals);
  }

  static ObjectNode request(HttpFetcher.Request request) {
    var json = JSON.objectNode().put("method", request.method()).put("url", request.url());
    var headers = json.putArray("headers");
    request
        .headers()
        .forEach(header -> headers.addArray().add(header.getKey()).add(header.getValue()));
    if (request.body() != null) {
      json.put("body", Base64.getEncoder().encodeToString(request.body()));
    }
    return json.put("type", request.contentType());
  }

  static HttpFetcher.Request request(JsonNode json) {
    var headers = new ArrayList<Map.Entry<String, String>>();
    for (var header : json.path("headers")) {
      headers.add(Map.entry(header.path(0).asString(""), header.path(1).asString("")));
    }
    return new HttpFetcher.Request(
        json.path("method").asString("GET"),
        json.path("url").asString(""),
        headers,
        bytes(json.path("body")),
        json.path("type").asString(null));
  }

  static ObjectNode response(HttpFetcher.Response response) {
    var json = JSON.objectNode().put("status", response.status());
    var headers = json.put("statusText", response.statusText()).putObject("headers");
    response.headers().forEach(headers::put);
    return json.put("body", Base64.getEncoder().encodeToString(response.body()));
  }

  static HttpFetcher.Response response(JsonNode json) {
    var headers = new HashMap<String, String>();
    json.path("headers")
        .properties()
        .forEach(header -> headers.put(header.getKey(), header.getValue().asString("")));
    var body = bytes(json.path("body"));
    return new HttpFetcher.Response(
        json.path("status").asInt(0),
        json.path("statusText").asString(""),
        headers,
        body == null ? new byte[0] : body);
  }

  private static byte @Nullable [] bytes(JsonNode value) {
    return value.isString() ? Base64.getDecoder().decode(value.asString()) : null;
  }
}
