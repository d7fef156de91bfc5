package dev.millrace.flows.net;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** The body of a form with files, {@code multipart/form-data}. Not thread-safe. */
public final class MultipartForm {
  private final String boundary = "millrace-" + UUID.randomUUID();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Adds a field. */
  public void add(String name, String text) {
    part(head(name), text.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds a file. */
  public void addFile(String name, String fileName, String type, byte[] content) {
    String head = head(name) + "; filename=\"" + quoted(fileName) + "\"\r\nContent-Type: " + type;
    part(head, content);
  }

  /** Returns the media type, with the boundary. */
  public String contentType() {
    return "multipart/form-data; boundary=" + boundary;
  }

  /** Returns the whole body. */
  public byte[] bytes() {
    var whole = new ByteArrayOutputStream();
    whole.writeBytes(out.toByteArray());
    whole.writeBytes(("--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8));
    return whole.toByteArray();
  }

  private String head(String name) {
    return "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + quoted(name) + '"';
  }

  private void part(String head, byte[] content) {
    out.writeBytes((head + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
    out.writeBytes(content);
    out.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
  }

  /** Escapes a field's name as browsers do. */
  private static String quoted(String name) {
    return name.replace("\r", "%0D").replace("\n", "%0A").replace("\"", "%22");
  }
}
