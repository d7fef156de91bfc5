package dev.millrace.flows.net;

import dev.millrace.flows.engine.Cancellation;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import okhttp3.Dns;
import org.jspecify.annotations.Nullable;

/**
 * Looks a name up once and hands out only those of its addresses that the policy permits. The
 * connection uses exactly these, so a name that answers differently a moment later gains nothing.
 *
 * <p>The system's resolver can neither be interrupted nor given a limit; so it runs on a thread of
 * its own and the caller stops waiting when the run is cancelled or the limit is reached.
 */
final class GuardedDns implements Dns {
  /** The cancellation of the request for which the current thread looks a name up. */
  static final ScopedValue<Cancellation> CANCELLATION = ScopedValue.newInstance();

  private final AddressPolicy policy;
  private final Duration limit;
  private final Dns resolver;

  GuardedDns(AddressPolicy policy, Duration limit, Dns resolver) {
    this.policy = policy;
    this.limit = limit;
    this.resolver = resolver;
  }

  @Override
  public List<InetAddress> lookup(String hostname) throws UnknownHostException {
    var refusal = policy.refusal(hostname);
    if (refusal.isPresent()) {
      throw new RefusedAddressException(hostname, refusal.get());
    }
    var permitted = new ArrayList<InetAddress>();
    var why = "it has no address";
    for (var address : resolve(hostname)) {
      var refused = policy.refusal(hostname, address);
      if (refused.isEmpty()) {
        permitted.add(address);
      } else {
        why = address.getHostAddress() + ": " + refused.get();
      }
    }
    if (permitted.isEmpty()) {
      throw new RefusedAddressException(hostname, why);
    }
    return permitted;
  }

  private List<InetAddress> resolve(String hostname) throws UnknownHostException {
    var found = new CompletableFuture<List<InetAddress>>();
    Thread.ofVirtual()
        .name("lookup-" + hostname)
        .start(() -> {
          try {
            found.complete(resolver.lookup(hostname));
          } catch (UnknownHostException | RuntimeException e) {
            found.completeExceptionally(e);
          }
        });
    var cancellation = CANCELLATION.isBound() ? CANCELLATION.get() : Cancellation.none();
    try (var _ = cancellation.onCancel(() -> found.cancel(false))) {
      return found.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw unknown("the host " + hostname + " cannot be found", e.getCause());
    } catch (TimeoutException e) {
      throw unknown("the name server did not answer for " + hostname + " within " + limit, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unknown("the lookup of " + hostname + " was interrupted", e);
    } catch (CancellationException e) {
      throw unknown("the lookup of " + hostname + " was cancelled", e);
    }
  }

  private static UnknownHostException unknown(String message, @Nullable Throwable cause) {
    var unknown = new UnknownHostException(message);
    unknown.initCause(cause);
    return unknown;
  }
}
