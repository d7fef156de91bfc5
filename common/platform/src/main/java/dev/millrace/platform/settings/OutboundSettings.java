package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.optional;
import static dev.millrace.platform.settings.Variable.withDefault;

import dev.millrace.flows.net.AddressPolicy;
import dev.millrace.flows.net.FetchLimits;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What a flow may fetch, and from where.
 *
 * @param denyPrivate whether loopback, private, link-local and multicast addresses are refused
 * @param deny hosts, addresses and CIDR ranges that are refused as well
 * @param allow hosts, addresses and CIDR ranges that are allowed in spite of {@code denyPrivate}
 * @param limits how long and how large a fetch may be
 */
public record OutboundSettings(
    boolean denyPrivate, List<String> deny, List<String> allow, FetchLimits limits) {
  private static final Syntax<List<String>> HOSTS =
      Syntax.list("a comma list of host names, addresses and CIDR ranges");

  private static final Variable<Boolean> HTTP_SECURITY_CHECK =
      withDefault(
          "HTTP_SECURITY_CHECK",
          Syntax.bool(),
          "true",
          "Whether flows are kept out of loopback, private, link-local and multicast addresses");
  private static final Variable<List<String>> HTTP_DENY_LIST =
      optional("HTTP_DENY_LIST", HOSTS, "none", "Further addresses that flows must not fetch from");
  private static final Variable<List<String>> HTTP_ALLOW_LIST =
      optional(
          "HTTP_ALLOW_LIST",
          HOSTS,
          "none",
          "Addresses that flows may fetch from in spite of HTTP_SECURITY_CHECK");

  private static final Variable<Duration> HTTP_TIMEOUT =
      withDefault(
          "HTTP_TIMEOUT",
          Syntax.duration("s", Duration.ofMillis(1)),
          "120",
          "Time that one request of a flow may take with its redirects, in seconds");
  private static final Variable<Duration> HTTP_CONNECT_TIMEOUT =
      withDefault(
          "HTTP_CONNECT_TIMEOUT",
          Syntax.duration("s", Duration.ofMillis(1)),
          "10",
          "Time to look a name up, and again to connect, in seconds");
  private static final Variable<Duration> HTTP_SILENCE_TIMEOUT =
      withDefault(
          "HTTP_SILENCE_TIMEOUT",
          Syntax.duration("s", Duration.ofMillis(1)),
          "60",
          "Time that a server may say nothing, in seconds");
  private static final Variable<Long> HTTP_RESPONSE_LIMIT =
      withDefault(
          "HTTP_RESPONSE_LIMIT",
          Syntax.bytes()
              .map(
                  "a size of at most 1gb, such as 512kb or 32mb",
                  bytes -> Syntax.require(bytes <= 1L << 30, bytes)),
          "32mb",
          "Largest answer to a request of a flow, unpacked");
  private static final Variable<Integer> HTTP_MAX_REDIRECTS =
      withDefault(
          "HTTP_MAX_REDIRECTS",
          Syntax.integer(0, 100),
          "5",
          "Redirects that one request of a flow follows");

  static final List<Variable<?>> VARIABLES =
      List.of(
          HTTP_SECURITY_CHECK,
          HTTP_DENY_LIST,
          HTTP_ALLOW_LIST,
          HTTP_TIMEOUT,
          HTTP_CONNECT_TIMEOUT,
          HTTP_SILENCE_TIMEOUT,
          HTTP_RESPONSE_LIMIT,
          HTTP_MAX_REDIRECTS);

  public OutboundSettings {
    deny = List.copyOf(deny);
    allow = List.copyOf(allow);
  }

  static OutboundSettings read(Values values) {
    return new OutboundSettings(
        values.get(HTTP_SECURITY_CHECK),
        Objects.requireNonNullElse(values.find(HTTP_DENY_LIST), List.of()),
        Objects.requireNonNullElse(values.find(HTTP_ALLOW_LIST), List.of()),
        new FetchLimits(
            values.get(HTTP_CONNECT_TIMEOUT),
            values.get(HTTP_CONNECT_TIMEOUT),
            values.get(HTTP_SILENCE_TIMEOUT),
            values.get(HTTP_TIMEOUT),
            values.get(HTTP_RESPONSE_LIMIT),
            values.get(HTTP_MAX_REDIRECTS)));
  }

  /**
   * Returns which addresses may be reached.
   *
   * @param alsoAllowed hosts, addresses and CIDR ranges besides {@code allow}
   */
  public AddressPolicy policy(List<String> alsoAllowed) {
    return AddressPolicy.of(
        denyPrivate, deny, Stream.concat(allow.stream(), alsoAllowed.stream()).toList());
  }
}
