package dev.millrace.bullmq;

import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns what an application works with into a job's JSON and back. The library itself passes the
 * text on untouched. Implementations are thread-safe.
 *
 * @param <T> the application's type; its null is JSON's
 */
public interface JobCodec<T> {
  /**
   * Returns JSON text.
   *
   * @throws BullMqException when the value cannot be written
   */
  String encode(T value);

  /**
   * Reads JSON text.
   *
   * @throws BullMqException when it does not fit the type
   */
  T decode(String json);

  /** Leaves the text to the application. */
  static JobCodec<String> raw() {
    return new JobCodec<>() {
      @Override
      public String encode(String value) {
        return value;
      }

      @Override
      public String decode(String json) {
        return json;
      }
    };
  }

  /** Maps with Jackson, e.g. a record. */
  static <T> JobCodec<T> json(Class<T> type) {
    var mapper = JsonMapper.shared();
    return json(mapper, mapper.constructType(type));
  }

  /** Maps with Jackson, for generic types: {@code json(new TypeReference<List<Item>>() {})}. */
  static <T> JobCodec<T> json(TypeReference<T> type) {
    var mapper = JsonMapper.shared();
    return json(mapper, mapper.constructType(type));
  }

  /** Maps with a mapper of the application's own. */
  static <T> JobCodec<T> json(JsonMapper mapper, JavaType type) {
    return new JobCodec<>() {
      @Override
      public String encode(T value) {
        try {
          return mapper.writeValueAsString(value);
        } catch (JacksonException e) {
          throw new BullMqException(
              "cannot write a %s as JSON: %s".formatted(type.toCanonical(), e.getOriginalMessage()),
              e);
        }
      }

      @Override
      public T decode(String json) {
        try {
          return mapper.readValue(json, type);
        } catch (JacksonException e) {
          throw new BullMqException(
              "the JSON is no %s: %s".formatted(type.toCanonical(), e.getOriginalMessage()), e);
        }
      }
    };
  }
}
