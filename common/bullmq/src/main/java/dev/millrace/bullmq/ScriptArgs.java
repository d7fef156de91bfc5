package dev.millrace.bullmq;

import io.lettuce.core.protocol.CommandArgs;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The arguments of {@code EVAL} and {@code EVALSHA}, in Redis' protocol. The calling thread writes
 * them; Lettuce would do so piece by piece on the one thread that serves all callers, which is the
 * busiest of a worker.
 */
final class ScriptArgs extends CommandArgs<String, String> {
  private static final int SHORT = 512;

  private final int count;
  private byte[] bytes = new byte[SHORT];
  private int size;

  /**
   * @param script its text or its digest
   */
  ScriptArgs(String script, List<String> keys, List<String> arguments) {
    super(Utf8.CODEC);
    count = 2 + keys.size() + arguments.size();
    write(script);
    write(Integer.toString(keys.size()));
    keys.forEach(this::write);
    arguments.forEach(this::write);
  }

  private void write(String argument) {
    var text = argument.getBytes(StandardCharsets.UTF_8);
    var length = Integer.toString(text.length);
    var more = text.length + length.length() + 5;
    if (more > bytes.length - size) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(size, more)));
    }
    bytes[size++] = '$';
    for (var i = 0; i < length.length(); i++) {
      bytes[size++] = (byte) length.charAt(i);
    }
    endLine();
    System.arraycopy(text, 0, bytes, size, text.length);
    size += text.length;
    endLine();
  }

  private void endLine() {
    bytes[size++] = '\r';
    bytes[size++] = '\n';
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public void encode(ByteBuf target) {
    target.writeBytes(bytes, 0, size);
  }

  @Override
  public String toCommandString() {
    return count + " arguments";
  }

  @Override
  public String toString() {
    return toCommandString();
  }
}
