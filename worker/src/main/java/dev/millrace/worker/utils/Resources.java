package dev.millrace.worker.utils;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.net.HttpFetcher;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches what documents refer to (pictures, style sheets, fonts) through the guarded client, so
 * that a document reaches neither this machine nor its network. Thread-safe.
 */
public final class Resources {
  private static final Logger LOG = LoggerFactory.getLogger(Resources.class);
  private static final int MOST = 200;
  private static final long MOST_BYTES = 50L << 20;

  private final HttpFetcher fetcher;

  public Resources(HttpFetcher fetcher) {
    this.fetcher = fetcher;
  }

  /** What an address answered. */
  public record Resource(int status, String mediaType, byte[] content) {}

  /** Returns whether an address is one that may be asked; the guard has its say after that. */
  static boolean isFetchable(@Nullable String uri) {
    if (uri == null) {
      return false;
    }
    var lower = uri.toLowerCase(Locale.ROOT);
    return lower.startsWith("http://") || lower.startsWith("https://");
  }

  /** Begins a document, which may fetch so much. */
  public Fetching begin() {
    return new Fetching();
  }

  /** The fetches of one document. */
  public final class Fetching {
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    private Fetching() {}

    /** Fetches; nothing when it is refused, fails or is too much: documents are made without. */
    public Optional<Resource> fetch(String uri) {
      if (!isFetchable(uri) || count.incrementAndGet() > MOST) {
        return Optional.empty();
      }
      try {
        var answer =
            fetcher.fetch(
                new HttpFetcher.Request("GET", uri, List.of(), null, null), Cancellation.none());
        if (bytes.addAndGet(answer.body().length) > MOST_BYTES || answer.status() >= 400) {
          LOG.warn("a document is made without {}: {}", shown(uri), answer.status());
          return Optional.empty();
        }
        var type = answer.headers().getOrDefault("content-type", "application/octet-stream");
        return Optional.of(new Resource(answer.status(), type, answer.body()));
      } catch (FlowException | IllegalArgumentException e) {
        LOG.warn("a document is made without {}: {}", shown(uri), e.getMessage());
        return Optional.empty();
      }
    }
  }

  /** An address without what may be secret in it. */
  private static String shown(String uri) {
    var plain = uri.replaceFirst("[?#].*$", "").replaceFirst("//[^/@]*@", "//");
    return plain.length() > 200 ? plain.substring(0, 200) + "…" : plain;
  }
}
