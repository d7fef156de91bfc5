package dev.millrace.flows.models;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A token that a provider gives for a while in return for a lasting secret. It is asked for when it
 * is needed, by the exchange of the call that needs it, and kept until shortly before its end.
 * Thread-safe; two calls that need the first one at once may both ask.
 */
final class AccessToken {
  private static final Duration MARGIN = Duration.ofMinutes(1);
  private static final long LARGEST = 1 << 20;

  private final String member;
  private final Supplier<Request> question;
  private volatile @Nullable Held held;

  /**
   * @param member of the answer that is the token
   * @param question how to ask
   */
  AccessToken(String member, Supplier<Request> question) {
    this.member = member;
    this.question = question;
  }

  /**
   * Returns a token that is good for the next minute at least.
   *
   * @throws ModelException when it is not given
   */
  String get() {
    var known = held;
    if (known == null || known.until() - System.nanoTime() < 0) {
      known = ask();
      held = known;
    }
    ModelExchange.CURRENT.get().secrets().add(known.token());
    return known.token();
  }

  private Held ask() {
    var exchange = ModelExchange.CURRENT.get();
    try (var response = exchange.open(question.get())) {
      var body = response.peekBody(LARGEST).string();
      var answer = JsonMapper.shared().readTree(body);
      var token = answer.path(member).asString("");
      if (token.isEmpty()) {
        throw new ModelException("the provider's answer has no " + member, 0, null);
      }
      return new Held(token, System.nanoTime() + seconds(answer).minus(MARGIN).toNanos());
    } catch (IOException e) {
      throw exchange.failure(e);
    } catch (JacksonException e) {
      throw new ModelException("the provider's answer with a token is no JSON", 0, e);
    }
  }

  /** Who says nothing gets asked again soon. */
  private static Duration seconds(JsonNode answer) {
    return Duration.ofSeconds(Math.clamp(answer.path("expires_in").asLong(300), 0, 86_400));
  }

  private record Held(String token, long until) {
    @Override
    public String toString() {
      return "***";
    }
  }
}
