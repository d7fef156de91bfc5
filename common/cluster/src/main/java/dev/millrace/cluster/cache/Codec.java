package dev.millrace.cluster.cache;

import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.json.JsonMapper;

/**
 * How values are written to a store and read from it. Thread-safe.
 *
 * @param <V> the values
 */
public interface Codec<V> {
  /** Returns the bytes of a value. */
  byte[] encode(V value);

  /**
   * Returns the value of bytes.
   *
   * @throws IllegalArgumentException when they are none, e.g. because an older version wrote them
   */
  V decode(byte[] bytes);

  /** Writes text as UTF-8. */
  static Codec<String> strings() {
    return new Codec<>() {
      @Override
      public byte[] encode(String value) {
        return value.getBytes(StandardCharsets.UTF_8);
      }

      @Override
      public String decode(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
      }
    };
  }

  /** Writes objects of a type, usually a record, as JSON. */
  static <V> Codec<V> json(Class<V> type) {
    var mapper = JsonMapper.builder().build();
    return json(mapper, mapper.constructType(type));
  }

  /** Writes objects of a type such as {@code List<User>} as JSON. */
  static <V> Codec<V> json(TypeReference<V> type) {
    var mapper = JsonMapper.builder().build();
    return json(mapper, mapper.getTypeFactory().constructType(type));
  }

  private static <V> Codec<V> json(JsonMapper mapper, JavaType type) {
    return new Codec<>() {
      @Override
      public byte[] encode(V value) {
        return mapper.writeValueAsBytes(value);
      }

      @Override
      public V decode(byte[] bytes) {
        try {
          return mapper.readValue(bytes, type);
        } catch (JacksonException e) {
          throw new IllegalArgumentException("not JSON of " + type + ": " + e.getMessage(), e);
        }
      }
    };
  }
}
