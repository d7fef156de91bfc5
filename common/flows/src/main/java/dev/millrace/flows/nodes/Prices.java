package dev.millrace.flows.nodes;

import dev.millrace.flows.model.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What models cost, in dollars for a token, from a resource beside this class. A model that is not
 * in it costs nothing that we would show.
 */
final class Prices {
  private static final List<String> COSTS =
      List.of("input_cost", "output_cost", "total_cost", "base_input_cost", "base_output_cost");

  private final JsonNode table;

  private Prices(JsonNode table) {
    this.table = table;
  }

  /** Reads the table that comes with the engine. */
  static Prices bundled() {
    try (var in = Prices.class.getResourceAsStream("model-prices.json")) {
      byte[] bytes = Objects.requireNonNull(in, "model-prices.json").readAllBytes();
      return new Prices(Json.read(new String(bytes, StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException("The resource model-prices.json cannot be read", e);
    }
  }

  /** Tells whether a member of a usage is the price of one token. */
  static boolean isPerToken(String member) {
    return member.startsWith("base_");
  }

  /** Returns a usage without what it cost. */
  static ObjectNode without(ObjectNode usage) {
    return Json.shallowCopy(usage).remove(COSTS);
  }

  /** Puts what a usage cost at the end of another object, and returns that. */
  static ObjectNode costsOf(ObjectNode usage, ObjectNode target) {
    for (String member : COSTS) {
      JsonNode cost = usage.get(member);
      if (cost != null) {
        target.set(member, cost);
      }
    }
    return target;
  }

  /** Returns a usage with what it cost; itself when the model's price is not known. */
  ObjectNode withCosts(ObjectNode usage, String model) {
    JsonNode price = table.path(model);
    if (!price.isArray()) {
      return usage;
    }
    double perInput = price.get(0).doubleValue() / 1e6;
    double perOutput = price.get(1).doubleValue() / 1e6;
    double input = usage.path("input_tokens").asDouble(0) * perInput;
    double output = usage.path("output_tokens").asDouble(0) * perOutput;
    return Json.shallowCopy(usage)
        .put("input_cost", input)
        .put("output_cost", output)
        .put("total_cost", input + output)
        .put("base_input_cost", perInput)
        .put("base_output_cost", perOutput);
  }
}
