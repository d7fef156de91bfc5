package dev.millrace.bullmq;

import io.lettuce.core.codec.RedisCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Text as UTF-8. Lettuce's own codec goes through a text character by character; the JDK encodes it
 * as a block, which counts for jobs of 50 KB.
 */
final class Utf8 implements RedisCodec<String, String> {
  static final Utf8 CODEC = new Utf8();

  private Utf8() {}

  @Override
  public String decodeKey(ByteBuffer bytes) {
    var array = new byte[bytes.remaining()];
    bytes.get(array);
    return new String(array, StandardCharsets.UTF_8);
  }

  @Override
  public String decodeValue(ByteBuffer bytes) {
    return decodeKey(bytes);
  }

  @Override
  public ByteBuffer encodeKey(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public ByteBuffer encodeValue(String text) {
    return encodeKey(text);
  }
}
