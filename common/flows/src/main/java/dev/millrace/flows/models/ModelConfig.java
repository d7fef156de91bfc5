package dev.millrace.flows.models;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The inputs of a model node as exported: "" means unset, numbers and booleans may be strings, and
 * a value that is not among the inputs may be in the credential.
 */
record ModelConfig(Provider provider, ObjectNode inputs, ObjectNode credential) {
  /** The spellings of "base path" in Flowise's nodes. */
  private static final List<String> BASE_PATHS =
      List.of("basepath", "basePath", "baseUrl", "baseURL", "overrideEndpoint");

  /** What nodes call the model within its provider, the first that is set wins. */
  static final List<String> NAMES = List.of("customModelName", "customModel", "modelName", "model");

  /** Returns the text of an input, null when it is unset. */
  @Nullable String text(String key) {
    var value = inputs.path(key);
    if (value.isMissingNode() || value.isNull()) {
      value = credential.path(key);
    }
    var text = value.isValueNode() && !value.isNull() ? value.asString().strip() : "";
    return text.isEmpty() ? null : text;
  }

  @Nullable Double number(String key) {
    var text = text(key);
    if (text == null) {
      return null;
    }
    var number = parse(text);
    return number.orElseThrow(() -> wrong(key + " is '" + text + "', which is not a number"));
  }

  @Nullable Integer integer(String key) {
    var number = number(key);
    return number == null ? null : Integer.valueOf((int) Math.clamp(Math.rint(number), -1e9, 1e9));
  }

  boolean flag(String key) {
    return Boolean.parseBoolean(text(key));
  }

  /** Returns the parts of a list with commas, null when there are none. */
  @Nullable List<String> list(String key) {
    var text = text(key);
    if (text == null) {
      return null;
    }
    var parts = Stream.of(text.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList();
    return parts.isEmpty() ? null : parts;
  }

  String model() {
    for (var key : NAMES) {
      var name = text(key);
      if (name != null) {
        return name;
      }
    }
    var model = provider.defaultModel();
    if (model == null) {
      throw wrong("no model is chosen (modelName)");
    }
    return model;
  }

  /** Returns the text of an input or a member of the credential that has to be there. */
  String required(String key) {
    var text = text(key);
    if (text == null) {
      throw wrong(key + " is not set, neither in the node nor in its credential");
    }
    return text;
  }

  /** Returns the base path that the node names, without a slash at its end, or null. */
  @Nullable String ownBaseUrl() {
    for (var key : BASE_PATHS) {
      var url = text(key);
      if (url != null) {
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
      }
    }
    return null;
  }

  String baseUrl() {
    var own = ownBaseUrl();
    var url = own == null ? provider.baseUrl() : own;
    if (url == null) {
      throw wrong("no base path is set (basepath)");
    }
    return url;
  }

  /** Returns the key, null where the model answers without one. */
  @Nullable String key() {
    var key = text(provider.keyField());
    if (key == null && provider.needsKey() && ownBaseUrl() == null) {
      throw wrong("no API key: choose a credential that has " + provider.keyField());
    }
    return key;
  }

  /** As {@link #key()}, for clients that insist on one. */
  String keyOrNone() {
    var key = key();
    return key == null ? "none" : key;
  }

  /** Returns the headers of {@code baseOptions}: a JSON object, or its text. */
  Map<String, String> headers() {
    var options = inputs.path("baseOptions");
    JsonNode parsed = options;
    if (options.isString()) {
      if (options.asString().isBlank()) {
        return Map.of();
      }
      try {
        parsed = JsonMapper.shared().readTree(options.asString());
      } catch (JacksonException e) {
        throw wrong("baseOptions is not valid JSON: " + e.getOriginalMessage());
      }
    }
    var headers = new LinkedHashMap<String, String>();
    // Old exports wrap them, as OpenAI's client options do.
    var named = parsed.path("defaultHeaders").isObject() ? parsed.path("defaultHeaders") : parsed;
    named
        .properties()
        .forEach(header -> {
          if (header.getValue().isValueNode() && !header.getValue().isNull()) {
            headers.put(header.getKey(), header.getValue().asString());
          }
        });
    return headers;
  }

  /** Returns the time limit of the node, which is in milliseconds, or null. */
  @Nullable Duration timeout() {
    var millis = number("timeout");
    return millis == null || millis <= 0 ? null : Duration.ofMillis(millis.longValue());
  }

  ModelException wrong(String what) {
    return ModelException.of("ModelConfig", provider.node() + ": " + what, null);
  }

  private static OptionalDouble parse(String text) {
    try {
      return OptionalDouble.of(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }
}
