package dev.millrace.platform.events;

import dev.millrace.flows.engine.FlowEvent;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * An event as a stream's client gets it.
 *
 * @param name e.g. {@code token}
 * @param dataJson its payload, rendered
 * @param duration the seconds a {@code thinking} phase took, rendered, or null
 */
public record StreamEvent(String name, String dataJson, @Nullable String duration) {
  public StreamEvent(String name, String dataJson) {
    this(name, dataJson, null);
  }

  /** Renders an event of the engine. */
  public static StreamEvent of(FlowEvent event) {
    var duration = event.duration();
    return new StreamEvent(
        event.name(), event.data().toString(), duration == null ? null : duration.toString());
  }

  /** Returns an event whose payload is a text. */
  public static StreamEvent text(String name, String text) {
    return new StreamEvent(name, quote(text));
  }

  /** Appends {@code {"event":…,"data":…}}, the object that follows {@code data:} in the stream. */
  public void appendTo(StringBuilder out) {
    out.append("{\"event\":").append(quote(name)).append(",\"data\":").append(dataJson);
    if (duration != null) {
      out.append(",\"duration\":").append(duration);
    }
    out.append('}');
  }

  static String quote(String text) {
    var out = new StringBuilder(text.length() + 8).append('"');
    JsonStringEncoder.getInstance().quoteAsString(text, out);
    return out.append('"').toString();
  }
}
