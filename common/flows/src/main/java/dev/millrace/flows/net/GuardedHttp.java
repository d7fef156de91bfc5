package dev.millrace.flows.net;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowCancelledException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Proxy;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.Dns;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * The way out of the house: every address is checked where the connection is made, for redirects
 * and literal addresses too. Thread-safe; a fetch blocks its thread, which may be virtual.
 */
public final class GuardedHttp implements HttpFetcher, AutoCloseable {
  private static final int IDLE_CONNECTIONS = 64;

  private final FetchLimits limits;
  private final OkHttpClient client;

  public GuardedHttp(AddressPolicy policy, FetchLimits limits) {
    this(policy, limits, Dns.SYSTEM);
  }

  /**
   * @param resolver what names resolve to, before the policy has its say
   */
  GuardedHttp(AddressPolicy policy, FetchLimits limits, Dns resolver) {
    this.limits = limits;
    this.client =
        new OkHttpClient.Builder()
            .dns(new GuardedDns(policy, limits.lookup(), resolver))
            .socketFactory(new GuardedSockets(policy))
            // A proxy would look names up itself, behind the guard's back.
            .proxy(Proxy.NO_PROXY)
            .followRedirects(false)
            .followSslRedirects(false)
            .connectionPool(new ConnectionPool(IDLE_CONNECTIONS, 5, TimeUnit.MINUTES))
            .connectTimeout(limits.connect())
            .readTimeout(limits.silence())
            .writeTimeout(limits.silence())
            .build();
  }

  /**
   * Returns the guarded client itself, for callers with a protocol of their own. It follows no
   * redirects; a client derived by {@code newBuilder()} shares its connections and its guard, as
   * long as {@code dns}, {@code socketFactory} and {@code proxy} stay as they are.
   */
  public OkHttpClient client() {
    return client;
  }

  /**
   * Executes a call of {@link #client()}, or of a client derived from it, so that a lookup ends
   * when the run is cancelled. The rest of the call ends by {@code call.cancel()}, which is the
   * caller's.
   */
  public static okhttp3.Response execute(Call call, Cancellation cancellation) throws IOException {
    return ScopedValue.where(GuardedDns.CANCELLATION, cancellation).call(call::execute);
  }

  @Override
  public Response fetch(Request request, Cancellation cancellation) {
    var deadline = System.nanoTime() + limits.total().toNanos();
    var hop = Hop.first(request);
    for (var redirects = 0; ; redirects++) {
      cancellation.throwIfCancelled();
      var answer = send(hop, deadline, cancellation);
      if (answer.next() == null) {
        return answer.response();
      }
      if (redirects == limits.redirects()) {
        throw new FetchException(
            hop.where() + " was redirected more than " + limits.redirects() + " times", null);
      }
      hop = answer.next();
    }
  }

  /** Gives the sockets back. Calls under way end on their own. */
  @Override
  public void close() {
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }

  private Answer send(Hop hop, long deadline, Cancellation cancellation) {
    var call = client.newCall(hop.toRequest());
    call.timeout().timeout(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    try (var _ = cancellation.onCancel(call::cancel)) {
      return exchange(call, hop, cancellation);
    } catch (IOException e) {
      throw failure(hop, e, cancellation);
    }
  }

  private Answer exchange(Call call, Hop hop, Cancellation cancellation) throws IOException {
    try (var response = execute(call, cancellation)) {
      var next = hop.next(response);
      return next == null
          ? new Answer(read(response, hop), null)
          : new Answer(new Response(response.code(), "", Map.of(), new byte[0]), next);
    }
  }

  private Response read(okhttp3.Response response, Hop hop) throws IOException {
    var source = response.body().source();
    if (response.body().contentLength() > limits.bodyBytes()
        || source.request(limits.bodyBytes() + 1)) {
      throw new FetchException(
          hop.where() + " answered with more than " + limits.bodyBytes() + " bytes", null);
    }
    var headers = new LinkedHashMap<String, String>();
    for (var header : response.headers()) {
      headers.merge(
          header.getFirst().toLowerCase(Locale.ROOT), header.getSecond(), (a, b) -> a + ", " + b);
    }
    return new Response(response.code(), response.message(), headers, source.readByteArray());
  }

  private RuntimeException failure(Hop hop, IOException e, Cancellation cancellation) {
    var reason = cancellation.reason();
    if (reason != null) {
      return new FlowCancelledException(reason);
    }
    if (e instanceof RefusedAddressException) {
      return new FetchException(hop.where() + ": " + e.getMessage(), e);
    }
    if (e instanceof InterruptedIOException) { // OkHttp's word for every kind of time-out
      return new FetchException(
          hop.where() + " did not answer in time (" + describeLimits() + ")", e);
    }
    return new FetchException(hop.where() + " failed: " + e.getMessage(), e);
  }

  private String describeLimits() {
    return "limits: connect %s, silence %s, in all %s"
        .formatted(seconds(limits.connect()), seconds(limits.silence()), seconds(limits.total()));
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() / 1000.0 + " s";
  }

  private record Answer(Response response, @Nullable Hop next) {}
}
