package dev.millrace.platform.settings;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The values that a variable accepts.
 *
 * @param <T> what the text becomes
 * @param accepted completes "accepted: …"
 * @param parser throws IllegalArgumentException for what it does not accept
 */
record Syntax<T>(String accepted, Function<String, T> parser) {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,10})\\s*(ms|s|m|h|d)?");
  private static final Pattern BYTES =
      Pattern.compile("(\\d{1,12}(?:\\.\\d{1,6})?)\\s*(b|kb|mb|gb|tb)?");
  private static final List<String> BYTE_UNITS = List.of("b", "kb", "mb", "gb", "tb");

  T parse(String text) {
    return parser.apply(text);
  }

  /** Narrows what is accepted; {@code check} throws IllegalArgumentException. */
  <R> Syntax<R> map(String narrower, Function<T, R> check) {
    return new Syntax<>(narrower, text -> check.apply(parse(text)));
  }

  static Syntax<String> text(String accepted) {
    return new Syntax<>(accepted, text -> text);
  }

  /** Still text: what a leading ~ stands for is known where it is read. */
  static Syntax<String> folder() {
    return new Syntax<>("a folder", text -> Path.of(text).toString());
  }

  static Syntax<Secret> secret(String accepted) {
    return new Syntax<>(accepted, Secret::new);
  }

  /** Any case, but nothing else: a typing error in a switch must not silently mean "off". */
  static Syntax<Boolean> bool() {
    return oneOf(Map.of("true", true, "false", false));
  }

  static Syntax<Integer> integer(int min, int max) {
    return new Syntax<>(
        "a whole number from " + min + " to " + max,
        text -> {
          var number = Integer.parseInt(text);
          return require(number >= min && number <= max, number);
        });
  }

  static Syntax<Integer> port() {
    return integer(0, 65_535).map("a port, 0 to 65535 (0: any free one)", port -> port);
  }

  /** A plain number counts {@code unit}s, as Flowise's variables do. */
  static Syntax<Duration> duration(String unit, Duration min) {
    return new Syntax<>(
        "a duration of at least "
            + compact(min)
            + ": a number (in "
            + unit
            + ") or with a unit such as 500ms, 30s, 5m, 24h, 7d",
        text -> {
          var match = DURATION.matcher(text);
          require(match.matches(), text);
          var step = match.group(2) == null ? unit : match.group(2);
          var value = unit(step).multipliedBy(Long.parseLong(match.group(1)));
          return require(value.compareTo(min) >= 0, value);
        });
  }

  /** The notation of the npm package bytes, without signs: a number of bytes, or 50mb. */
  static Syntax<Long> bytes() {
    return new Syntax<>(
        "a size such as 1048576, 512kb, 50mb or 1gb",
        text -> {
          var match = BYTES.matcher(text.toLowerCase(Locale.ROOT));
          require(match.matches(), text);
          var power = match.group(2) == null ? 0 : BYTE_UNITS.indexOf(match.group(2));
          var value = Double.parseDouble(match.group(1)) * Math.pow(1024, power);
          return require(value >= 1 && value < Long.MAX_VALUE, (long) value);
        });
  }

  static Syntax<List<String>> list(String accepted) {
    return new Syntax<>(
        accepted,
        text -> Stream.of(text.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList());
  }

  static Syntax<URI> httpUrl() {
    return new Syntax<>(
        "an absolute URL such as https://flows.example.com",
        text -> {
          var uri = URI.create(text);
          var scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
          return require(
              (scheme.equals("http") || scheme.equals("https")) && uri.getHost() != null, uri);
        });
  }

  /** Words in any case. */
  static <T> Syntax<T> oneOf(Map<String, T> words) {
    var shown = words.keySet().stream().sorted().collect(Collectors.joining(", "));
    return new Syntax<>(
        shown,
        text -> {
          var value = words.get(text.toLowerCase(Locale.ROOT));
          if (value == null) {
            throw new IllegalArgumentException(text);
          }
          return value;
        });
  }

  static Syntax<TrustProxy> trustProxy() {
    return new Syntax<>(
        "true, false, a number of hops, or a comma list of addresses, CIDR ranges, loopback,"
            + " linklocal, uniquelocal",
        text ->
            switch (text.toLowerCase(Locale.ROOT)) {
              case "true" -> new TrustProxy.Everyone();
              case "false", "0" -> new TrustProxy.Nobody();
              case String number when number.matches("\\d{1,3}") ->
                  new TrustProxy.Hops(Integer.parseInt(number));
              case String ranges -> {
                var parts = list("").parse(ranges);
                require(
                    parts.stream()
                        .allMatch(p -> p.matches("[0-9a-f.:]+(/\\d{1,3})?|[a-z]+local|loopback")),
                    text);
                yield new TrustProxy.Ranges(parts);
              }
            });
  }

  static <T> T require(boolean ok, T value) {
    if (!ok) {
      throw new IllegalArgumentException(String.valueOf(value));
    }
    return value;
  }

  private static Duration unit(String symbol) {
    return switch (symbol) {
      case "ms" -> Duration.ofMillis(1);
      case "s" -> Duration.ofSeconds(1);
      case "m" -> Duration.ofMinutes(1);
      case "h" -> Duration.ofHours(1);
      case "d" -> Duration.ofDays(1);
      default -> throw new IllegalArgumentException(symbol);
    };
  }

  private static String compact(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + "s"
        : duration.toMillis() + "ms";
  }
}
