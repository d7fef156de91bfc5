package dev.millrace.flows.expression;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.Json;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The inputs of a node with their templates taken apart. Filling them in touches only those inputs
 * that have templates; the rest is shared between runs. Immutable.
 */
public final class InputTemplates {
  private final Set<String> templated;
  private final ObjectNode constants;
  private final Map<String, Expression> varying;

  private InputTemplates(
      Set<String> templated, ObjectNode constants, Map<String, Expression> varying) {
    this.templated = templated;
    this.constants = constants;
    this.varying = varying;
  }

  /** Takes the inputs of a node apart. */
  public static InputTemplates of(FlowNode node) {
    return of(TemplatedInputs.of(node), node.inputs());
  }

  private static InputTemplates of(Set<String> templated, ObjectNode inputs) {
    var constants = Json.object();
    var varying = new LinkedHashMap<String, Expression>();
    for (var input : inputs.properties()) {
      String name = input.getKey();
      Expression value =
          templated.contains(name)
              ? Expression.of(input.getValue())
              : nested(inputs, name, input.getValue());
      if (value instanceof Expression.Constant(var constant)) {
        constants.set(name, constant);
      } else {
        // Its place in the order of the inputs.
        constants.set(name, input.getValue());
        varying.put(name, value);
      }
    }
    return new InputTemplates(templated, constants, varying);
  }

  /** Returns these inputs with other values for some, as an API caller may give them. */
  public InputTemplates with(ObjectNode overrides) {
    if (overrides.isEmpty()) {
      return this;
    }
    var changed = of(templated, Json.shallowCopy(constants).setAll(overrides));
    varying.forEach((name, value) -> {
      if (!overrides.has(name)) {
        changed.varying.put(name, value);
      }
    });
    return changed;
  }

  /** Returns the inputs without filling anything in; not to be changed. */
  public ObjectNode unfilled() {
    return constants;
  }

  /**
   * Returns the inputs as this run sees them; not to be changed.
   *
   * @throws FlowException when one becomes too long, naming it
   */
  public ObjectNode fill(Scope scope) {
    if (varying.isEmpty()) {
      return constants;
    }
    var filled = Json.shallowCopy(constants);
    varying.forEach((name, value) -> filled.set(name, fill(name, value, scope)));
    return filled;
  }

  private static JsonNode fill(String name, Expression value, Scope scope) {
    try {
      return value.fill(scope);
    } catch (FlowException e) {
      throw new FlowException(name + ": " + e.getMessage(), e);
    }
  }

  /** Returns one input taken apart, null when it is absent. */
  @Nullable Expression expression(String name) {
    Expression expression = varying.get(name);
    if (expression == null && constants.has(name)) {
      return new Expression.Constant(constants.get(name));
    }
    return expression;
  }

  /** Returns the nodes to whose output the inputs refer. */
  public Set<String> nodeIds() {
    var ids = new LinkedHashSet<String>();
    varying.values().forEach(value -> value.collectNodeIds(ids));
    return ids;
  }

  /** A component that a node nests has templates of its own, each item of a list for itself. */
  private static Expression nested(ObjectNode siblings, String name, JsonNode value) {
    if (value.isArray()) {
      var items = value.valueStream().map(InputTemplates::item).toList();
      return items.stream().allMatch(Expression.Constant.class::isInstance)
          ? new Expression.Constant(value)
          : new Expression.Items(items);
    }
    if (name.endsWith("Config") && value instanceof ObjectNode config) {
      String selector = name.substring(0, name.length() - "Config".length());
      return config(siblings.path(selector).asString(""), config);
    }
    return new Expression.Constant(value);
  }

  private static Expression item(JsonNode item) {
    return item instanceof ObjectNode object
        ? members(object, name -> nested(object, name, object.path(name)))
        : new Expression.Constant(item);
  }

  private static Expression config(String component, ObjectNode config) {
    Set<String> names = TemplatedInputs.ofComponent(component);
    return members(
        config,
        name ->
            names.contains(name)
                ? Expression.of(config.path(name))
                : new Expression.Constant(config.path(name)));
  }

  private static Expression members(ObjectNode object, Function<String, Expression> member) {
    var members = new LinkedHashMap<String, Expression>();
    object.properties().forEach(entry -> members.put(entry.getKey(), member.apply(entry.getKey())));
    List<Expression> values = List.copyOf(members.values());
    return values.stream().allMatch(Expression.Constant.class::isInstance)
        ? new Expression.Constant(object)
        : new Expression.Members(members);
  }
}
