package dev.millrace.platform.settings;

import dev.millrace.platform.settings.SettingsException.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks variables up in layers and collects what is wrong instead of stopping at the first. Used by
 * one thread during one load.
 */
final class Values {
  /** One source of values, e.g. the environment. */
  record Layer(String name, Map<String, String> values) {}

  /** A value and where it came from. */
  record Given(String text, String layer) {}

  private final List<Layer> layers;
  private final Path userHome;
  private final List<Problem> problems = new ArrayList<>();
  private final Set<String> read = new LinkedHashSet<>();

  /**
   * @param layers strongest first
   * @param userHome what a leading {@code ~} stands for
   */
  Values(List<Layer> layers, Path userHome) {
    this.layers = List.copyOf(layers);
    this.userHome = userHome;
  }

  /** Returns the value, or the default when it is unset or wrong. */
  <T> T get(Variable<T> variable) {
    var fallback = variable.defaultText();
    if (fallback == null) {
      throw new IllegalArgumentException(variable.name() + " has no default: use find");
    }
    var value = find(variable);
    return value != null ? value : variable.syntax().parse(fallback);
  }

  /** Returns the value, or null when it is unset or wrong. */
  <T> @Nullable T find(Variable<T> variable) {
    var given = given(variable);
    if (given == null) {
      return null;
    }
    try {
      return variable.syntax().parse(given.text());
    } catch (IllegalArgumentException e) {
      var shown = variable.secret() ? Secret.MASK : given.text();
      wrong(variable, "is \"" + shown + "\" (" + given.layer() + ")");
      return null;
    }
  }

  /** Returns a path, absolute, with a leading {@code ~} replaced. */
  @Nullable Path findPath(Variable<String> variable) {
    var text = find(variable);
    return text == null ? null : expand(text);
  }

  /** As {@link #findPath}, for a variable with a default. */
  Path getPath(Variable<String> variable) {
    return expand(get(variable));
  }

  /** Returns whether a value is given that is not blank; a wrong one counts. */
  boolean isSet(Variable<?> variable) {
    return given(variable) != null;
  }

  /**
   * Returns the text of a variable for which being set to nothing means something, null when no
   * layer names it.
   */
  @Nullable String findEvenEmpty(Variable<String> variable) {
    read.add(variable.name());
    for (var layer : layers) {
      var text = layer.values().get(variable.name());
      if (text != null) {
        return text;
      }
    }
    return null;
  }

  /** Returns the values of all variables whose names begin so; they are not of the catalogue. */
  Map<String, String> startingWith(String prefix) {
    var found = new HashMap<String, String>();
    for (var layer : layers.reversed()) {
      layer
          .values()
          .forEach((name, text) -> {
            if (name.startsWith(prefix) && !text.isBlank()) {
              found.put(name, text.strip());
            }
          });
    }
    return found;
  }

  void wrong(Variable<?> variable, String found) {
    problems.add(new Problem(variable.name(), found, variable.syntax().accepted()));
  }

  void problem(String where, String found, String accepted) {
    problems.add(new Problem(where, found, accepted));
  }

  List<Problem> problems() {
    return List.copyOf(problems);
  }

  /** Returns the names of the variables that were asked for. */
  Set<String> read() {
    return Set.copyOf(read);
  }

  // Compose files hand every variable through, set to nothing when the host has none: a blank value
  // is no value, and the next layer decides.
  private @Nullable Given given(Variable<?> variable) {
    read.add(variable.name());
    for (var layer : layers) {
      var text = layer.values().get(variable.name());
      if (text != null && !text.isBlank()) {
        return new Given(text.strip(), layer.name());
      }
    }
    return null;
  }

  private Path expand(String text) {
    var path =
        text.equals("~") || text.startsWith("~/")
            ? userHome.resolve(text.substring(1).replaceFirst("^/", ""))
            : Path.of(text);
    return path.toAbsolutePath().normalize();
  }
}
