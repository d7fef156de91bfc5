package dev.millrace.flows.script;

import java.io.ByteArrayOutputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Packs and unpacks for scripts: {@code gzip}, {@code deflate} (zlib's own frame) and {@code raw}.
 * Within a bound, as a few bytes may unpack to gigabytes. Thread-safe.
 */
final class ScriptZip {
  /** What comes out at most, in bytes. */
  static final int LARGEST = 8 << 20;

  private static final int GZIP_HEAD = 10;
  private static final int GZIP_TAIL = 8;

  private ScriptZip() {}

  /** Packs. */
  static byte[] packed(String format, byte[] data) {
    var deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, !format.equals("deflate"));
    try {
      deflater.setInput(data);
      deflater.finish();
      var out = new ByteArrayOutputStream();
      if (format.equals("gzip")) {
        out.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3});
      }
      var buffer = new byte[8192];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      if (format.equals("gzip")) {
        littleEndian(out, checksum(data));
        littleEndian(out, data.length);
      }
      return out.toByteArray();
    } finally {
      deflater.end();
    }
  }

  /**
   * Unpacks.
   *
   * @throws IllegalArgumentException when it is damaged, of another format or too large
   */
  static byte[] unpacked(String format, byte[] data) {
    boolean gzip = format.equals("gzip");
    var from = gzip ? headOf(data) : 0;
    var inflater = new Inflater(!format.equals("deflate"));
    try {
      inflater.setInput(data, from, data.length - from);
      var out = new ByteArrayOutputStream();
      var buffer = new byte[8192];
      while (!inflater.finished()) {
        var count = inflater.inflate(buffer);
        if (count == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          throw new IllegalArgumentException("unexpected end of file");
        }
        out.write(buffer, 0, count);
        if (out.size() > LARGEST) {
          throw new IllegalArgumentException(
              "the data unpacks to more than " + LARGEST + " bytes, which is the limit");
        }
      }
      var unpacked = out.toByteArray();
      if (gzip && (inflater.getRemaining() < GZIP_TAIL || !isIntact(data, inflater, unpacked))) {
        throw new IllegalArgumentException("incorrect data check");
      }
      return unpacked;
    } catch (DataFormatException e) {
      throw new IllegalArgumentException("the data is not packed so: " + e.getMessage(), e);
    } finally {
      inflater.end();
    }
  }

  /** Returns where the packed data begins, behind a head with its optional parts (RFC 1952). */
  private static int headOf(byte[] data) {
    if (data.length < GZIP_HEAD + GZIP_TAIL
        || (data[0] & 0xff) != 0x1f
        || (data[1] & 0xff) != 0x8b
        || data[2] != 8) {
      throw new IllegalArgumentException("incorrect header check");
    }
    var flags = data[3];
    var at = GZIP_HEAD;
    if ((flags & 4) != 0 && at + 2 <= data.length) {
      at += 2 + (data[at] & 0xff) + ((data[at + 1] & 0xff) << 8);
    }
    for (var text : new int[] {8, 16}) { // a file's name, a comment: each ends with a zero
      while ((flags & text) != 0 && at < data.length && data[at++] != 0) {
        // goes on to the zero
      }
    }
    at += (flags & 2) != 0 ? 2 : 0;
    if (at >= data.length) {
      throw new IllegalArgumentException("unexpected end of file");
    }
    return at;
  }

  private static boolean isIntact(byte[] data, Inflater inflater, byte[] unpacked) {
    var at = data.length - inflater.getRemaining();
    long stored = 0;
    for (var i = 3; i >= 0; i--) {
      stored = (stored << 8) | (data[at + i] & 0xff);
    }
    return stored == checksum(unpacked);
  }

  private static long checksum(byte[] data) {
    var crc = new CRC32();
    crc.update(data);
    return crc.getValue();
  }

  private static void littleEndian(ByteArrayOutputStream out, long value) {
    for (var i = 0; i < 4; i++) {
      out.write((int) (value >>> (8 * i)) & 0xff);
    }
  }
}
