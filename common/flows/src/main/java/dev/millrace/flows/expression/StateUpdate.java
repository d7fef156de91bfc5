package dev.millrace.flows.expression;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.expression.Expression.Constant;
import dev.millrace.flows.expression.Expression.Items;
import dev.millrace.flows.expression.Expression.Members;
import dev.millrace.flows.expression.Expression.Text;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Applies the state updates of a node after it ran: their values may name the output that it has
 * just produced as {@code {{ output }}} or {@code {{ output.path }}} (specification §2.2). They are
 * filled in from the templates themselves, so that no value can pose as such a reference.
 */
public final class StateUpdate {
  private StateUpdate() {}

  /**
   * Returns the state after a node.
   *
   * @param state before; not changed
   * @param inputs of the node
   * @param name the input that holds the updates, rows of {@code {key, value}}; the last of a key
   *     wins
   * @param scope what the templates see
   * @param output what the node finally put out
   * @throws FlowException when the input is something else than such rows
   */
  public static ObjectNode apply(
      ObjectNode state, InputTemplates inputs, String name, Scope scope, JsonNode output) {
    List<Expression> rows = rows(inputs.expression(name), name, scope);
    if (rows.isEmpty()) {
      return state;
    }
    ObjectNode changed = Json.shallowCopy(state);
    for (Expression row : rows) {
      String key = JsonText.of(valueOf(member(row, "key"), scope, output));
      if (!key.isEmpty()) {
        JsonNode value = valueOf(member(row, "value"), scope, output);
        changed.set(key, value.isNull() ? Json.text("") : value);
      }
    }
    return changed;
  }

  private static List<Expression> rows(@Nullable Expression input, String name, Scope scope) {
    return switch (input) {
      case null -> List.of();
      case Items(var items) -> items;
      case Constant(var value) when value.isString() -> written(value.stringValue(), name);
      case Constant(var value) -> constants(value, name);
      case Text(var template) -> written(JsonText.of(template.fill(scope)), name);
      case Members _ -> throw unreadable(name, "it is object", null);
    };
  }

  private static List<Expression> written(String text, String name) {
    if (text.isBlank()) {
      return List.of();
    }
    try {
      return constants(Json.read(text), name);
    } catch (JacksonException e) {
      throw unreadable(name, e.getOriginalMessage(), e);
    }
  }

  private static List<Expression> constants(JsonNode rows, String name) {
    if (rows.isNull()) {
      return List.of();
    }
    if (!rows.isArray()) {
      throw unreadable(name, "it is " + rows.getNodeType().name().toLowerCase(Locale.ROOT), null);
    }
    return rows.valueStream().map(row -> (Expression) new Constant(row)).toList();
  }

  private static FlowException unreadable(String name, String why, @Nullable Throwable cause) {
    return new FlowException(name + " is not a list of {\"key\", \"value\"}: " + why, cause);
  }

  private static @Nullable Expression member(Expression row, String name) {
    return switch (row) {
      case Members(Map<String, Expression> members) -> members.get(name);
      case Constant(var value) when value.has(name) -> new Constant(value.path(name));
      case Constant _, Items _, Text _ -> null;
    };
  }

  private static JsonNode valueOf(@Nullable Expression value, Scope scope, JsonNode output) {
    return switch (value) {
      case null -> Json.text("");
      case Text(var template) -> template.fill(scope, output);
      case Constant(var constant) -> constant;
      case Items _, Members _ -> value.fill(scope);
    };
  }
}
