package dev.millrace.bullmq.telemetry;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.util.HashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Trace context as jobs carry it: a JSON object of what a propagator writes, e.g. {@code
 * {"traceparent":"00-…"}}, as the adapter {@code bullmq-otel} for Node does.
 */
final class TraceContext {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final TextMapPropagator propagator;

  TraceContext(TextMapPropagator propagator) {
    this.propagator = propagator;
  }

  /** Returns the context as text; null when it holds nothing that travels. */
  @Nullable String write(Context context) {
    var fields = new HashMap<String, String>();
    propagator.inject(
        context,
        fields,
        (carrier, key, value) -> {
          if (carrier != null) {
            carrier.put(key, value);
          }
        });
    return fields.isEmpty() ? null : JSON.writeValueAsString(fields);
  }

  /** Returns the context that the text describes; a new trace if it describes none. */
  Context read(String text) {
    var fields = new HashMap<String, String>();
    try {
      JSON.readTree(text)
          .properties()
          .forEach(field -> {
            if (field.getValue().isString()) {
              fields.put(field.getKey(), field.getValue().stringValue());
            }
          });
    } catch (JacksonException e) {
      // Another telemetry's text; what it meant is not ours to know.
      return Context.root();
    }
    return propagator.extract(
        Context.root(), fields, (carrier, key) -> carrier == null ? null : carrier.get(key));
  }
}
