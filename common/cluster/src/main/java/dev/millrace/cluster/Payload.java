package dev.millrace.cluster;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a message carries: any JSON value. Immutable; equal when the texts are.
 *
 * @param json the value as JSON text
 */
public record Payload(String json) {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /**
   * Returns what stands for a value.
   *
   * @param value null, a boolean, number, text, list or map, a record, or a {@code Payload} itself
   * @throws IllegalArgumentException when it cannot be written as JSON
   */
  public static Payload of(@Nullable Object value) {
    if (value instanceof Payload payload) {
      return payload;
    }
    try {
      return new Payload(MAPPER.writeValueAsString(value));
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "a message has to be JSON, but "
              + (value == null ? "null" : value.getClass().getName())
              + " cannot be written as such: "
              + e.getOriginalMessage(),
          e);
    }
  }

  /**
   * Returns the value as an object of a type, usually a record; null when the value is null.
   *
   * @throws IllegalArgumentException when it is not one
   */
  public <T> @Nullable T as(Class<T> type) {
    try {
      return MAPPER.readValue(json, type);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "the message is no " + type.getSimpleName() + ": " + e.getOriginalMessage(), e);
    }
  }

  /** Returns the value as a tree. */
  public JsonNode tree() {
    return MAPPER.readTree(json);
  }

  @Override
  public String toString() {
    return json;
  }
}
