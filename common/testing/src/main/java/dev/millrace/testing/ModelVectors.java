package dev.millrace.testing;

import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Embeds texts by how often they have each letter, so that texts with the same words are near. */
final class ModelVectors {
  private ModelVectors() {}

  /** Returns the body of an answer in OpenAI's form. */
  static String answer(ModelRequest request) {
    ObjectNode answer = JsonMapper.shared().createObjectNode().put("object", "list");
    var data = answer.putArray("data");
    var input = request.body().path("input");
    for (JsonNode text : input.isArray() ? input : request.body().withArray("one").add(input)) {
      var row = data.addObject().put("object", "embedding").put("index", data.size() - 1);
      var vector = row.putArray("embedding");
      for (var count : counts(text.asString(""))) {
        vector.add(count);
      }
    }
    answer.put("model", request.model());
    answer.putObject("usage").put("prompt_tokens", 1).put("total_tokens", 1);
    return answer.toString();
  }

  private static float[] counts(String text) {
    var counts = new float[26];
    for (var letter : text.toLowerCase(Locale.ROOT).toCharArray()) {
      if (letter >= 'a' && letter <= 'z') {
        counts[letter - 'a']++;
      }
    }
    return counts;
  }
}
