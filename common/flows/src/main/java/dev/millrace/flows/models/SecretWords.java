package dev.millrace.flows.models;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.flows.model.Json;
import java.net.URLEncoder;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What must not be read in the messages of a model's failure: some providers repeat what they were
 * sent. Thread-safe.
 */
final class SecretWords {
  /** Names of what is secret in credentials, headers and service accounts. */
  private static final Pattern SECRET =
      Pattern.compile(
          "key|secret|token|passw|session|auth|cookie|credential|assertion",
          Pattern.CASE_INSENSITIVE);

  /** Shorter ones are found in too many ordinary words. */
  private static final int SHORTEST = 4;

  private final Set<String> words = ConcurrentHashMap.newKeySet();

  /** Returns everything secret that a call of a model may send. */
  static SecretWords of(ModelConfig config) {
    var secrets = new SecretWords();
    secrets.add(config.text(config.provider().keyField()));
    secrets.members(config.credential());
    secrets.members(config.inputs().path("baseOptions"));
    secrets.members(Json.readOrMissing(config.inputs().path("baseOptions").asString("")));
    return secrets;
  }

  /** Adds one that came up meanwhile; nothing when it is null. */
  void add(@Nullable String secret) {
    if (secret == null) {
      return;
    }
    var word = secret.strip();
    if (word.regionMatches(true, 0, "Bearer ", 0, 7)) {
      add(word.substring(7));
    }
    if (word.length() >= SHORTEST) {
      words.add(word);
      words.add(word.replace("\n", "\\n"));
      words.add(URLEncoder.encode(word, UTF_8));
    }
  }

  /** Returns a text with every secret in it blotted out. */
  String hidden(String text) {
    var hidden = text;
    // One may be a part of another.
    for (var word :
        words.stream().sorted(Comparator.comparingInt(String::length).reversed()).toList()) {
      hidden = hidden.replace(word, "***");
    }
    return hidden;
  }

  private void members(JsonNode object) {
    for (var member : object.properties()) {
      var value = member.getValue();
      if (value.isObject()) {
        members(value);
      } else if (value.isValueNode() && SECRET.matcher(member.getKey()).find()) {
        var text = value.asString("");
        add(text);
        members(Json.readOrMissing(text)); // a service account is JSON in text
      }
    }
  }
}
