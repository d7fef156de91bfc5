package dev.millrace.flows.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import tools.jackson.databind.node.ObjectNode;

/** Stands in for a provider on loopback: answers in order what it is told to. */
final class ProviderServer implements AutoCloseable {
  private final MockWebServer server = new MockWebServer();

  ProviderServer() {
    try {
      server.start(InetAddress.getByName("127.0.0.1"), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String url(String path) {
    return "http://127.0.0.1:" + server.getPort() + path;
  }

  /** Answers JSON, in which single quotes stand for double ones. */
  void json(String body) {
    answer("application/json", body.replace('\'', '"'));
  }

  void sse(String events) {
    answer("text/event-stream", events);
  }

  private void answer(String type, String body) {
    enqueue(new MockResponse.Builder().addHeader("Content-Type", type).body(body).build());
  }

  void enqueue(MockResponse response) {
    server.enqueue(response);
  }

  RecordedRequest takeRequest() throws InterruptedException {
    return server.takeRequest();
  }

  static ObjectNode body(RecordedRequest request) {
    return ModelCalls.object(text(request));
  }

  static String text(RecordedRequest request) {
    var body = request.getBody();
    return body == null ? "" : body.utf8();
  }

  @Override
  public void close() {
    server.close();
  }
}
