package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.secret;

import dev.millrace.flows.models.ModelRemap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How models are reached.
 *
 * @param remap where calls of a model go instead, by the name of its node; may be empty
 */
public record ModelSettings(Map<String, ModelRemap> remap) {
  private static final Variable<Map<String, ModelRemap>> MODEL_REMAP =
      secret(
          "MODEL_REMAP",
          new Syntax<>(
              "a JSON object of {\"basepath\": …, \"key\": …, \"model\": …} by node name, such as"
                  + " chatAnthropic, or * for all others; key and model may be left out",
              ModelRemap::table),
          "every model is asked at its provider",
          "Servers with OpenAI's API that models are asked at instead, whatever a flow names");

  static final List<Variable<?>> VARIABLES = List.of(MODEL_REMAP);

  public ModelSettings {
    remap = Map.copyOf(remap);
  }

  static ModelSettings read(Values values) {
    return new ModelSettings(Objects.requireNonNullElse(values.find(MODEL_REMAP), Map.of()));
  }
}
