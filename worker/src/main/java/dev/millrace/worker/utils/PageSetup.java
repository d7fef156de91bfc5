package dev.millrace.worker.utils;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * The paper; what the document's own {@code @page} says wins.
 *
 * @param width in millimetres
 * @param height in millimetres
 * @param margin in millimetres
 */
public record PageSetup(double width, double height, double margin) {
  private static final Set<String> MEMBERS = Set.of("format", "landscape", "margin");
  private static final Pattern LENGTH = Pattern.compile("(\\d{1,4}(?:\\.\\d{1,3})?)(mm|cm|in)?");
  private static final double INCH = 25.4;
  private static final double DEFAULT_MARGIN = 20;

  private static final Map<String, double[]> FORMATS =
      Map.of(
          "a3", new double[] {297, 420},
          "a4", new double[] {210, 297},
          "a5", new double[] {148, 210},
          "letter", new double[] {8.5 * INCH, 11 * INCH},
          "legal", new double[] {8.5 * INCH, 14 * INCH});

  /** Upright A4. */
  public static final PageSetup DEFAULT = new PageSetup(210, 297, DEFAULT_MARGIN);

  /**
   * Reads {@code {format, landscape, margin}}; the default when it is absent.
   *
   * @throws dev.millrace.pgjobs.PermanentFailureException when it makes no sense
   */
  public static PageSetup of(JsonNode given) {
    if (given.isMissingNode() || given.isNull()) {
      return DEFAULT;
    }
    if (!(given instanceof tools.jackson.databind.node.ObjectNode object)) {
      throw Payload.wrong("is wrong: page has to be an object");
    }
    Payload.requireKnown(object, MEMBERS);
    var format = object.path("format").asString("A4").toLowerCase(Locale.ROOT);
    var size = FORMATS.get(format);
    if (size == null) {
      throw Payload.wrong("is wrong: page.format is A3, A4, A5, Letter or Legal");
    }
    var margin =
        object.has("margin") ? millimetres(object.path("margin").asString("")) : DEFAULT_MARGIN;
    if (margin * 2 >= size[0]) {
      throw Payload.wrong("is wrong: page.margin leaves nothing of the page");
    }
    return object.path("landscape").asBoolean(false)
        ? new PageSetup(size[1], size[0], margin)
        : new PageSetup(size[0], size[1], margin);
  }

  private static double millimetres(String length) {
    var match = LENGTH.matcher(length);
    if (!match.matches()) {
      throw Payload.wrong("is wrong: page.margin is a length such as 20mm, 2cm or 1in");
    }
    var number = Double.parseDouble(match.group(1));
    return switch (match.group(2)) {
      case "cm" -> number * 10;
      case "in" -> number * INCH;
      case null, default -> number;
    };
  }

  /** Returns it as a rule of CSS. */
  String css() {
    return String.format(
        Locale.ROOT, "@page { size: %.2fmm %.2fmm; margin: %.2fmm; }", width, height, margin);
  }
}
