package dev.millrace.server.sse;

import dev.millrace.platform.events.StreamEvent;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The response of a streamed prediction. One thread writes it: the one that serves the request.
 *
 * <p>The framing is Flowise's: a line {@code message:}, a line {@code data:} with one JSON object,
 * an empty line. Events that are written together are flushed together.
 */
public final class SseStream {
  private static final byte[] HEARTBEAT = ":heartbeat\n\n".getBytes(StandardCharsets.UTF_8);

  private final OutputStream out;

  private SseStream(OutputStream out) {
    this.out = out;
  }

  /**
   * Sends the headers; from here on the answer is a stream.
   *
   * @throws IOException when the client is gone
   */
  public static SseStream open(Context ctx) throws IOException {
    var response = ctx.res();
    response.setStatus(200);
    response.setHeader("Content-Type", "text/event-stream");
    response.setHeader("Cache-Control", "no-cache");
    response.setHeader("Connection", "keep-alive");
    response.setHeader("X-Accel-Buffering", "no");
    response.flushBuffer();
    return new SseStream(response.getOutputStream());
  }

  /**
   * Writes events with one flush.
   *
   * @throws IOException when the client is gone
   */
  public void write(List<StreamEvent> events) throws IOException {
    var text = new StringBuilder(256);
    for (var event : events) {
      text.append("message:\ndata:");
      event.appendTo(text);
      text.append("\n\n");
    }
    out.write(text.toString().getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /**
   * Tells the client, and every proxy on the way, that the stream lives.
   *
   * @throws IOException when the client is gone
   */
  public void heartbeat() throws IOException {
    out.write(HEARTBEAT);
    out.flush();
  }
}
