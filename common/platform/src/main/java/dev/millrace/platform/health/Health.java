package dev.millrace.platform.health;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The conditions under which a process does its work, each checked when somebody asks.
 *
 * <p>Thread-safe once built. A check must answer within seconds and must not throw.
 */
public final class Health {
  private final Map<String, Supplier<Optional<String>>> checks;

  private Health(Map<String, Supplier<Optional<String>>> checks) {
    this.checks = checks;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Returns what is wrong, by the name of its check; empty when all is well. */
  public Map<String, String> problems() {
    var problems = new LinkedHashMap<String, String>();
    checks.forEach((name, check) -> check.get().ifPresent(problem -> problems.put(name, problem)));
    return problems;
  }

  /** Collects checks; they are asked in the order in which they were added. */
  public static final class Builder {
    private final Map<String, Supplier<Optional<String>>> checks = new LinkedHashMap<>();

    private Builder() {}

    /**
     * Adds a check.
     *
     * @param check returns what is wrong, or nothing
     */
    public Builder check(String name, Supplier<Optional<String>> check) {
      checks.put(name, check);
      return this;
    }

    /** Adds a check that is either fulfilled or wrong in one way. */
    public Builder check(String name, Supplier<Boolean> isWell, String problem) {
      return check(name, () -> isWell.get() ? Optional.empty() : Optional.of(problem));
    }

    public Health build() {
      return new Health(new LinkedHashMap<>(checks));
    }
  }
}
