package dev.millrace.platform.settings;

import org.jspecify.annotations.Nullable;

/**
 * One variable, declared once: what parses it also documents it.
 *
 * @param <T> what its text becomes
 * @param name as in the environment and after {@code --}
 * @param syntax what is accepted
 * @param defaultText parsed when nothing is set; null when there is no fixed default
 * @param whenUnset what happens when it is unset and has no fixed default; null when it has one
 * @param meaning one line for the operator
 * @param secret whether its value is masked in messages
 */
record Variable<T>(
    String name,
    Syntax<T> syntax,
    @Nullable String defaultText,
    @Nullable String whenUnset,
    String meaning,
    boolean secret) {
  Variable {
    if ((defaultText == null) == (whenUnset == null)) {
      throw new IllegalArgumentException(name + " needs a default or a word about its absence");
    }
  }

  static <T> Variable<T> withDefault(
      String name, Syntax<T> syntax, String defaultText, String meaning) {
    return new Variable<>(name, syntax, defaultText, null, meaning, false);
  }

  static <T> Variable<T> optional(String name, Syntax<T> syntax, String whenUnset, String meaning) {
    return new Variable<>(name, syntax, null, whenUnset, meaning, false);
  }

  static <T> Variable<T> secret(String name, Syntax<T> syntax, String whenUnset, String meaning) {
    return new Variable<>(name, syntax, null, whenUnset, meaning, true);
  }

  /** Returns the default as a reader should see it, e.g. {@code 3000} or {@code (none)}. */
  String shownDefault() {
    return defaultText != null ? defaultText : "(" + whenUnset + ")";
  }
}
