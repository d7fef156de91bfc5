package dev.millrace.worker.utils;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.text.NumberFormat;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.ArrayList;
import java.util.Currency;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An invoice with everything calculated; amounts are rounded as its currency is.
 *
 * @param taxRate in percent
 */
public record Invoice(
    String number,
    String customer,
    LocalDate date,
    Currency currency,
    Locale locale,
    List<Line> lines,
    BigDecimal taxRate) {
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);
  private static final int MOST_LINES = 10_000;

  /** Digits that a number may have: arithmetic on one with an exponent of a billion never ends. */
  private static final int MOST_DIGITS = 30;

  /** What is charged for. */
  public record Line(String description, BigDecimal quantity, BigDecimal unitPrice) {}

  public Invoice {
    lines = List.copyOf(lines);
  }

  /**
   * Reads an invoice.
   *
   * @throws IllegalArgumentException naming what is missing or wrong
   */
  public static Invoice of(ObjectNode payload) {
    if (Payload.texts(payload, "to").isEmpty()) {
      throw new IllegalArgumentException("to is missing: the customer's address");
    }
    var lines = new ArrayList<Line>();
    for (var line : payload.path("lines")) {
      lines.add(
          new Line(
              line.path("description").asString(""),
              line.has("quantity") ? number(line, "quantity") : BigDecimal.ONE,
              number(line, "unitPrice")));
    }
    if (lines.isEmpty() || lines.size() > MOST_LINES) {
      throw new IllegalArgumentException(
          "lines has to have 1 to %d elements, not %d".formatted(MOST_LINES, lines.size()));
    }
    return new Invoice(
        number(payload),
        payload.path("customer").asString(""),
        date(payload),
        currency(payload.path("currency").asString("EUR")),
        Locale.forLanguageTag(payload.path("locale").asString("en")),
        lines,
        payload.has("taxRate") ? number(payload, "taxRate") : BigDecimal.ZERO);
  }

  private static String number(ObjectNode payload) {
    var number = payload.path("number").asString("");
    if (!number.matches("[\\w./-]{1,64}")) {
      throw new IllegalArgumentException(
          "number has to be 1 to 64 letters, digits, dots, slashes or hyphens, not \""
              + shown(number)
              + "\"");
    }
    return number;
  }

  private static BigDecimal number(JsonNode node, String name) {
    try {
      var number = new BigDecimal(node.path(name).asString(""));
      if (number.precision() <= MOST_DIGITS && Math.abs((long) number.scale()) <= MOST_DIGITS) {
        return number;
      }
    } catch (NumberFormatException e) {
      // As any other wrong one.
    }
    throw new IllegalArgumentException(
        name + " has to be a number, not " + shown(node.path(name).toString()));
  }

  private static LocalDate date(ObjectNode payload) {
    var text = payload.path("date").asString("");
    try {
      return text.isEmpty() ? LocalDate.now(ZoneOffset.UTC) : LocalDate.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "date has to be one such as 2026-12-24, not " + shown(text), e);
    }
  }

  private static Currency currency(String code) {
    try {
      return Currency.getInstance(code);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("there is no currency " + shown(code), e);
    }
  }

  private static String shown(String text) {
    return text.length() > 100 ? text.substring(0, 100) + "…" : text;
  }

  /** Returns the sum before tax. */
  public BigDecimal net() {
    return lines.stream().map(this::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  /** Returns the tax on it. */
  public BigDecimal tax() {
    return rounded(net().multiply(taxRate).divide(HUNDRED));
  }

  /** Returns what is to be paid. */
  public BigDecimal total() {
    return net().add(tax());
  }

  private BigDecimal amount(Line line) {
    return rounded(line.quantity().multiply(line.unitPrice()));
  }

  private BigDecimal rounded(BigDecimal amount) {
    return amount.setScale(Math.max(0, currency.getDefaultFractionDigits()), RoundingMode.HALF_UP);
  }

  /** Returns it as templates show it: every number and date as the reader writes them. */
  public ObjectNode toJson() {
    var json =
        JsonMapper.shared()
            .createObjectNode()
            .put("number", number)
            .put("customer", customer)
            .put(
                "date",
                DateTimeFormatter.ofLocalizedDate(FormatStyle.LONG).withLocale(locale).format(date))
            .put("language", locale.toLanguageTag())
            .put("net", money(net()))
            .put("tax", money(tax()))
            .put("taxRate", NumberFormat.getNumberInstance(locale).format(taxRate))
            .put("total", money(total()));
    var shown = json.putArray("lines");
    for (var line : lines) {
      shown
          .addObject()
          .put("description", line.description())
          .put("quantity", NumberFormat.getNumberInstance(locale).format(line.quantity()))
          .put("unitPrice", money(line.unitPrice()))
          .put("amount", money(amount(line)));
    }
    return json;
  }

  private String money(BigDecimal amount) {
    var format = NumberFormat.getCurrencyInstance(locale);
    format.setCurrency(currency);
    var digits = Math.max(0, currency.getDefaultFractionDigits());
    format.setMinimumFractionDigits(digits);
    format.setMaximumFractionDigits(digits);
    return format.format(amount);
  }
}
