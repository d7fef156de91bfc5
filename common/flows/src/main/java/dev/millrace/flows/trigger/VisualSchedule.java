package dev.millrace.flows.trigger;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.model.NodeInputs;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;

/** Turns what the visual picker of a Start node holds into a cron expression. */
final class VisualSchedule {
  private static final List<String> DAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

  private VisualSchedule() {}

  /** Returns the cron expression of a schedule, picked or written. */
  static String cron(FlowNode node, NodeInputs inputs) {
    if (inputs.text("scheduleType").equals("cronExpression")) {
      String cron = inputs.text("scheduleCronExpression").trim();
      return cron.isEmpty() ? refuse(node, "scheduleCronExpression", "is empty") : cron;
    }
    String frequency = inputs.text("scheduleFrequency");
    return switch (frequency) {
      case "hourly" -> minute(node, inputs) + " * * * *";
      case "daily" -> time(node, inputs) + " * * *";
      case "weekly" -> time(node, inputs) + " * * " + days(node, inputs, "scheduleOnDayOfWeek");
      case "monthly" ->
          time(node, inputs) + " " + days(node, inputs, "scheduleOnDayOfMonth") + " * *";
      default -> refuse(node, "scheduleFrequency", "is \"" + frequency + "\"");
    };
  }

  private static int minute(FlowNode node, NodeInputs inputs) {
    OptionalDouble minute = inputs.number("scheduleOnMinute");
    double value = minute.orElse(0);
    if (value < 0 || value > 59 || value != Math.rint(value)) {
      refuse(node, "scheduleOnMinute", "is " + JsonText.of(inputs.raw("scheduleOnMinute")));
    }
    return (int) value;
  }

  /** Returns minute and hour of {@code 09:30}. */
  private static String time(FlowNode node, NodeInputs inputs) {
    String text = inputs.text("scheduleOnTime").trim();
    if (!text.matches("(?:[01]?\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d)?")) {
      return refuse(node, "scheduleOnTime", "is \"" + text + "\", not a time such as 09:30");
    }
    String[] parts = text.split(":", -1);
    return Integer.parseInt(parts[1]) + " " + Integer.parseInt(parts[0]);
  }

  /** Returns the days as cron lists them; the picker stores an array, JSON of one, or a list. */
  private static String days(FlowNode node, NodeInputs inputs, String name) {
    JsonNode value = inputs.raw(name);
    if (value.isString() && Json.readOrMissing(value.stringValue()).isArray()) {
      value = Json.readOrMissing(value.stringValue());
    }
    var days = new ArrayList<String>();
    if (value.isArray()) {
      value.forEach(day -> days.add(day(JsonText.of(day))));
    } else {
      for (String day : JsonText.of(value).split(",", -1)) {
        days.add(day(day));
      }
    }
    days.removeIf(String::isEmpty);
    boolean valid = days.stream().allMatch(day -> day.matches("\\d{1,2}|L"));
    return days.isEmpty() || !valid
        ? refuse(node, name, "is \"" + JsonText.of(value) + "\", not a list of days")
        : String.join(",", days);
  }

  private static String day(String text) {
    String day = text.trim().toLowerCase(Locale.ROOT);
    int named = day.length() < 3 ? -1 : DAYS.indexOf(day.substring(0, 3));
    return day.startsWith("l") ? "L" : named >= 0 ? Integer.toString(named) : day;
  }

  private static String refuse(FlowNode node, String input, String what) {
    throw new FlowException(
        "Start node " + node.title() + " has no usable schedule: " + input + " " + what + ".");
  }
}
