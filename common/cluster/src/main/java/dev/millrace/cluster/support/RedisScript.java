package dev.millrace.cluster.support;

import io.lettuce.core.codec.Base16;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A Lua script that lies beside a class. */
public final class RedisScript {
  private final byte[] text;
  private final String digest;

  private RedisScript(byte[] text) {
    this.text = text;
    digest = Base16.digest(text);
  }

  /** Reads {@code <name>.lua} of the package of a class. */
  public static RedisScript of(Class<?> owner, String name) {
    try (var in = owner.getResourceAsStream(name + ".lua")) {
      if (in == null) {
        throw new IllegalStateException("no script " + name + ".lua beside " + owner);
      }
      return new RedisScript(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  byte[] text() {
    return text;
  }

  String digest() {
    return digest;
  }
}
