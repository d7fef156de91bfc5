package dev.millrace.flows.mcp;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.net.GuardedHttp;
import dev.millrace.flows.net.HttpFetcher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okio.BufferedSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * The older HTTP of the protocol (2024-11-05): the server's messages come as the events of one long
 * GET, whose first event says where to POST ours.
 */
final class EventTransport implements McpTransport {
  private static final long LONGEST_LINE = 8L << 20;

  private final GuardedHttp http;
  private final String url;
  private final Map<String, String> headers;
  private final Pending pending;
  private final Call stream;
  private final CompletableFuture<String> endpoint = new CompletableFuture<>();

  EventTransport(
      GuardedHttp http,
      String url,
      Map<String, String> headers,
      Duration patience,
      Cancellation cancellation) {
    this.http = http;
    this.url = url;
    this.headers = Map.copyOf(headers);
    this.pending = new Pending(url, patience);
    var request = new Request.Builder().url(url).header("Accept", "text/event-stream");
    headers.forEach(request::header);
    var client = http.client().newBuilder().readTimeout(patience).build();
    this.stream = client.newCall(request.build());
    Thread.ofVirtual().name("mcp-events").start(() -> listen(cancellation));
    try {
      endpoint.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
      throw new McpException("Interrupted while waiting for MCP server " + url + ".", e);
    } catch (ExecutionException | TimeoutException e) {
      close();
      throw new McpException("MCP server " + url + " opened no stream of events.", e);
    }
  }

  @Override
  public ObjectNode request(ObjectNode message, Cancellation cancellation) {
    return pending.await(message, () -> tell(message, cancellation), cancellation);
  }

  @Override
  public void tell(ObjectNode message, Cancellation cancellation) {
    byte[] body = Json.write(message).getBytes(StandardCharsets.UTF_8);
    var request =
        new HttpFetcher.Request(
            "POST", endpoint.join(), List.copyOf(headers.entrySet()), body, "application/json");
    var response = http.fetch(request, cancellation);
    if (response.status() / 100 != 2) {
      throw new McpException(
          "MCP server " + url + " answered with status " + response.status() + ".", null);
    }
  }

  @Override
  public void close() {
    stream.cancel();
  }

  private void listen(Cancellation cancellation) {
    try (var response = GuardedHttp.execute(stream, cancellation)) {
      if (response.isSuccessful()) {
        events(response.body().source());
      }
      over("ended its stream of events (status " + response.code() + ")");
    } catch (IOException e) {
      over("cannot be heard any more: " + e.getMessage());
    }
  }

  private void over(String why) {
    pending.ended(why);
    endpoint.completeExceptionally(new IOException(why));
  }

  private void events(BufferedSource source) throws IOException {
    String event = "message";
    var data = new StringBuilder();
    while (!source.exhausted()) {
      String line = source.readUtf8LineStrict(LONGEST_LINE);
      if (line.startsWith("event:")) {
        event = line.substring("event:".length()).strip();
      } else if (line.startsWith("data:")) {
        data.append(line.substring("data:".length()).strip());
      } else if (line.isEmpty() && !data.isEmpty()) {
        if (event.equals("endpoint")) {
          endpoint(data.toString());
        } else {
          pending.arrived(data.toString());
        }
        event = "message";
        data.setLength(0);
      }
    }
  }

  /** The server must not send us, and our credentials, to another host. */
  private void endpoint(String address) throws IOException {
    HttpUrl base = HttpUrl.get(url);
    HttpUrl resolved = base.resolve(address);
    if (resolved == null
        || !resolved.host().equals(base.host())
        || resolved.port() != base.port()) {
      throw new IOException("it sends its messages to another host: " + address);
    }
    endpoint.complete(resolved.toString());
  }
}
