package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.optional;
import static dev.millrace.platform.settings.Variable.withDefault;

import java.util.List;
import java.util.Objects;

/**
 * Which addresses a flow may fetch from.
 *
 * @param denyPrivate whether loopback, private, link-local and multicast addresses are refused
 * @param deny hosts, addresses and CIDR ranges that are refused as well
 * @param allow hosts, addresses and CIDR ranges that are allowed in spite of {@code denyPrivate}
 */
public record OutboundSettings(boolean denyPrivate, List<String> deny, List<String> allow) {
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

  static final List<Variable<?>> VARIABLES =
      List.of(HTTP_SECURITY_CHECK, HTTP_DENY_LIST, HTTP_ALLOW_LIST);

  public OutboundSettings {
    deny = List.copyOf(deny);
    allow = List.copyOf(allow);
  }

  static OutboundSettings read(Values values) {
    return new OutboundSettings(
        values.get(HTTP_SECURITY_CHECK),
        Objects.requireNonNullElse(values.find(HTTP_DENY_LIST), List.of()),
        Objects.requireNonNullElse(values.find(HTTP_ALLOW_LIST), List.of()));
  }
}
