package dev.millrace.flows.expression;

import dev.millrace.flows.model.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** A JSON value with templates in its texts, taken apart once. Immutable. */
sealed interface Expression {
  record Constant(JsonNode value) implements Expression {}

  record Text(Template template) implements Expression {}

  record Items(List<Expression> items) implements Expression {}

  record Members(Map<String, Expression> members) implements Expression {}

  /** Takes a value apart; what does not change from run to run is a constant. */
  static Expression of(JsonNode value) {
    if (value.isString()) {
      var template = Template.of(value.stringValue());
      String constant = template.constant();
      return constant == null ? new Text(template) : new Constant(Json.text(constant));
    }
    if (value.isArray()) {
      var items = new ArrayList<Expression>();
      var constants = Json.array();
      for (JsonNode item : value) {
        Expression part = of(item);
        items.add(part);
        if (part instanceof Constant(var constant)) {
          constants.add(constant);
        }
      }
      return constants.size() == items.size()
          ? new Constant(constants)
          : new Items(List.copyOf(items));
    }
    if (value.isObject()) {
      var members = new LinkedHashMap<String, Expression>();
      var constants = Json.object();
      for (var member : value.properties()) {
        Expression part = of(member.getValue());
        members.put(member.getKey(), part);
        if (part instanceof Constant(var constant)) {
          constants.set(member.getKey(), constant);
        }
      }
      return constants.size() == members.size() ? new Constant(constants) : new Members(members);
    }
    return new Constant(value);
  }

  /** Fills it in. Constants are shared between runs and must not be changed. */
  default JsonNode fill(Scope scope) {
    return switch (this) {
      case Constant(var value) -> value;
      case Text(var template) -> template.fill(scope);
      case Items(var items) -> {
        var array = Json.array();
        items.forEach(item -> array.add(item.fill(scope)));
        yield array;
      }
      case Members(var members) -> {
        var object = Json.object();
        members.forEach((name, member) -> object.set(name, member.fill(scope)));
        yield object;
      }
    };
  }

  /** Adds the nodes to whose output it refers. */
  default void collectNodeIds(Set<String> ids) {
    switch (this) {
      case Constant _ -> {}
      case Text(var template) -> ids.addAll(template.nodeIds());
      case Items(var items) -> items.forEach(item -> item.collectNodeIds(ids));
      case Members(var members) -> members.values().forEach(member -> member.collectNodeIds(ids));
    }
  }
}
