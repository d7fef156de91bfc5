package dev.millrace.flows.net;

import dev.millrace.flows.engine.Cancellation;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Fetches what a flow asks for, guarded: addresses inside the own network are refused unless they
 * are allowed, redirects and name lookups included, and size and time are limited. Thread-safe.
 */
public interface HttpFetcher {
  /**
   * Sends a request and reads the whole answer; every status is an answer.
   *
   * @throws FetchException when the host is denied, nothing answered in time, or the answer is too
   *     large; the message names the address
   * @throws dev.millrace.flows.engine.FlowCancelledException when the run was cancelled meanwhile
   */
  Response fetch(Request request, Cancellation cancellation);

  /**
   * A request.
   *
   * @param method in any case
   * @param url absolute, http or https; a user and password in it become Basic authorization
   * @param headers in order
   * @param body null for none; ignored for GET and HEAD
   * @param contentType of the body, null when a header says it or there is none
   */
  record Request(
      String method,
      String url,
      List<Map.Entry<String, String>> headers,
      byte @Nullable [] body,
      @Nullable String contentType) {
    // Spelled out: of a compact constructor NullAway does not see that the body may be null.
    public Request(
        String method,
        String url,
        List<Map.Entry<String, String>> headers,
        byte @Nullable [] body,
        @Nullable String contentType) {
      this.method = method;
      this.url = url;
      this.headers = List.copyOf(headers);
      this.body = body;
      this.contentType = contentType;
    }
  }

  /** An answer; header names in lower case, several values of one joined by ", ". */
  record Response(int status, String statusText, Map<String, String> headers, byte[] body) {
    public Response {
      headers = Map.copyOf(headers);
    }
  }
}
