package dev.millrace.flows.models;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.net.GuardedHttp;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.UnknownHostException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP side of one call of a model. The built models are shared by all runs and know nothing of
 * runs; they find the exchange of theirs in {@link #CURRENT}, because LangChain4j makes its
 * requests on the calling thread.
 *
 * <p>One quick second try, and only before the answer has begun: a flow's author waits. Thread-safe
 * in {@link #cancel}, otherwise of one thread.
 */
final class ModelExchange {
  static final ScopedValue<ModelExchange> CURRENT = ScopedValue.newInstance();

  private static final long PATIENCE_MILLIS = 1_000;

  private final OkHttpClient client;
  private final ModelLimits limits;
  private final Cancellation cancellation;
  private final SecretWords secrets;
  private final long deadline;
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private volatile @Nullable Call call;
  private volatile String where = "the model";

  ModelExchange(
      OkHttpClient client, ModelLimits limits, Cancellation cancellation, SecretWords secrets) {
    this.client =
        client
            .newBuilder()
            .connectTimeout(limits.connect())
            .readTimeout(limits.firstByte())
            .build();
    this.limits = limits;
    this.cancellation = cancellation;
    this.secrets = secrets;
    this.deadline = System.nanoTime() + limits.total().toNanos();
  }

  /** Closes the socket under the call; its thread finds out at once. */
  void cancel() {
    cancelled.countDown();
    var running = call;
    if (running != null) {
      running.cancel();
    }
  }

  /** Returns what must not be read in messages. */
  SecretWords secrets() {
    return secrets;
  }

  /**
   * Returns a failure that is ours, without secrets in its message. LangChain4j wraps what the
   * transport throws; ours is somewhere inside.
   */
  FlowException told(RuntimeException e, String node) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof FlowException flow) {
        var said = String.valueOf(flow.getMessage());
        var shown = secrets.hidden(said);
        return shown.equals(said) || !(flow instanceof ModelException failure)
            ? flow
            : failure.saying(shown);
      }
    }
    var message = String.valueOf(e.getMessage());
    var hidden = secrets.hidden(message);
    var cause = hidden.equals(message) ? e : null; // logs are read, too
    return new ModelException(node + " failed: " + hidden, 0, cause);
  }

  /**
   * Sends the request and returns a successful answer whose body is still to be read and closed.
   *
   * @throws ModelException when the provider refuses or cannot be reached
   */
  Response open(Request request) {
    where = request.url().newBuilder().query(null).build().toString();
    var retried = false;
    while (true) {
      try {
        var response = send(request);
        if (response.isSuccessful()) {
          return response;
        }
        try (response) {
          var pause = retried ? -1 : pause(response);
          if (pause < 0) {
            throw refusal(response);
          }
          await(pause);
        }
      } catch (IOException e) {
        if (retried || !passing(e)) {
          throw failure(e);
        }
        await(200);
      }
      retried = true;
    }
  }

  /** Returns what a failure of the transport means. */
  RuntimeException failure(Throwable e) {
    var reason = cancellation.reason();
    if (reason != null) {
      return new FlowCancelledException(reason);
    }
    if (Thread.currentThread().isInterrupted()) {
      return new FlowCancelledException("the run was interrupted");
    }
    if (e instanceof UnknownHostException) { // the guard's refusals are of this kind
      return new ModelException("the model cannot be reached: " + e.getMessage(), 0, e);
    }
    if (e instanceof InterruptedIOException) { // OkHttp's word for every kind of time-out
      return new ModelException(
          "the model at %s did not answer in time (connect %d s, first byte %d s, between tokens %d s, in all %d s)"
              .formatted(
                  where,
                  limits.connect().toSeconds(),
                  limits.firstByte().toSeconds(),
                  limits.betweenTokens().toSeconds(),
                  limits.total().toSeconds()),
          0,
          e);
    }
    return new ModelException(
        "the connection to the model at " + where + " broke: " + e.getMessage(), 0, e);
  }

  /** From now on the limit between two tokens holds instead of that for the first byte. */
  void streaming(Response response) {
    response
        .body()
        .source()
        .timeout()
        .timeout(limits.betweenTokens().toNanos(), TimeUnit.NANOSECONDS);
  }

  private Response send(Request request) throws IOException {
    var next = client.newCall(request);
    next.timeout().timeout(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    call = next;
    if (cancelled.getCount() == 0) { // between two calls nobody would hear it
      next.cancel();
    }
    return GuardedHttp.execute(next, cancellation);
  }

  private ModelException refusal(Response response) throws IOException {
    var body = response.peekBody(64 << 10).string();
    return ProviderErrors.refusal(response.code(), response.message(), body, secrets);
  }

  /** Returns how many milliseconds to wait before the second try, -1 when there is to be none. */
  private static long pause(Response response) {
    return switch (response.code()) {
      case 408, 429, 500, 502, 503, 504 -> {
        var asked = response.header("Retry-After");
        if (asked == null) {
          yield 150 + ThreadLocalRandom.current().nextInt(100);
        }
        // A provider that wants us away for longer, or until a date, is better told to the user.
        var millis = asked.strip().matches("\\d{1,3}") ? Long.parseLong(asked.strip()) * 1000 : -1;
        yield millis <= PATIENCE_MILLIS ? millis : -1;
      }
      default -> -1;
    };
  }

  private static boolean passing(IOException e) {
    return !(e instanceof InterruptedIOException) && !(e instanceof UnknownHostException);
  }

  private void await(long millis) {
    try {
      if (cancelled.await(millis, TimeUnit.MILLISECONDS)) {
        cancellation.throwIfCancelled();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FlowCancelledException("the run was interrupted");
    }
  }
}
