package dev.millrace.cluster;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a node serves, as {@code WORKER_MODE} says: requests, services, both or neither.
 *
 * <table>
 * <caption>The values</caption>
 * <tr><td>unset or empty</td><td>requests and every service</td></tr>
 * <tr><td>{@code !}</td><td>requests only</td></tr>
 * <tr><td>{@code *}</td><td>every service, no requests</td></tr>
 * <tr><td>{@code a:b,c:d}</td><td>these services, no requests</td></tr>
 * <tr><td>{@code !,a:b}</td><td>requests and these services</td></tr>
 * <tr><td>{@code !,*}</td><td>requests and every service, as the empty value</td></tr>
 * <tr><td>{@code -}</td><td>nothing</td></tr>
 * </table>
 *
 * <p>The order of items means nothing; white space around them is ignored, and so are items that
 * are empty. A value is always understood: what is odd about it is told by {@link #problems}, so
 * that a slip of the pen costs the service that it names and not the node. {@link #strict} reads a
 * value to the letter, as NocoBase 2.2 does. Immutable.
 */
public final class ServiceSplit {
  /** Runs flows: predictions, scheduled runs, webhook runs. */
  public static final String WORKFLOW = "workflow:process";

  /** Runs the background tasks of users. */
  public static final String ASYNC_TASK = "async-task:process";

  private static final String REQUESTS = "!";
  private static final String EVERYTHING = "*";
  private static final String NOTHING = "-";

  private final String value;
  private final boolean everyService;
  private final boolean isTransient;
  private final Set<String> items;

  private ServiceSplit(String value, boolean everyService, boolean isTransient, Set<String> items) {
    this.value = value;
    this.everyService = everyService;
    this.isTransient = isTransient;
    this.items = Set.copyOf(items);
  }

  /**
   * Reads a value of {@code WORKER_MODE}.
   *
   * @param value null or blank means everything
   */
  public static ServiceSplit parse(@Nullable String value) {
    if (value == null || value.isBlank()) {
      return everything();
    }
    var items = new LinkedHashSet<String>();
    for (var item : value.split(",", -1)) {
      if (!item.isBlank()) {
        items.add(item.strip());
      }
    }
    if (items.equals(Set.of(NOTHING))) {
      return new ServiceSplit(value, false, true, Set.of());
    }
    return new ServiceSplit(value, items.contains(EVERYTHING), false, items);
  }

  /**
   * Reads a value to the letter: items of a list are not trimmed, a star counts only when it stands
   * alone, and a dash too.
   *
   * @param value null or empty means everything
   */
  public static ServiceSplit strict(@Nullable String value) {
    if (value == null || value.isEmpty()) {
      return everything();
    }
    if (value.equals(NOTHING)) {
      return new ServiceSplit(value, false, true, Set.of());
    }
    var items = new LinkedHashSet<>(List.of(value.strip().split(",", -1)));
    return new ServiceSplit(value, value.equals(EVERYTHING), false, items);
  }

  private static ServiceSplit everything() {
    return new ServiceSplit("", true, false, Set.of(REQUESTS));
  }

  /** Returns whether this node answers requests. */
  public boolean serving() {
    return items.contains(REQUESTS);
  }

  /**
   * Returns whether this node does the work of a service.
   *
   * @param service its key; null or empty asks for requests
   */
  public boolean serving(@Nullable String service) {
    boolean asksForRequests = service == null || service.isEmpty();
    return asksForRequests ? serving() : everyService || items.contains(service);
  }

  /** Returns whether this is a short-lived process that serves nothing and is nobody's node. */
  public boolean isTransient() {
    return isTransient;
  }

  /** Returns those of the keys that this node serves, in alphabetical order. */
  public List<String> served(Set<String> known) {
    return known.stream().filter(this::serving).sorted().toList();
  }

  /** Returns whether there is anything that this node does. */
  public boolean servesAny(Set<String> known) {
    return serving() || !served(known).isEmpty();
  }

  /**
   * Returns what is odd about the value, each in a sentence that names the variable and the known
   * keys; empty when nothing is.
   *
   * @param known the keys of the services that exist here
   */
  public List<String> problems(Set<String> known) {
    var problems = new ArrayList<String>();
    if (!value.isEmpty() && !isTransient && items.stream().allMatch(String::isBlank)) {
      problems.add(problem("names nothing", known));
    }
    for (var item : items.stream().sorted().toList()) {
      switch (item) {
        case "", REQUESTS -> {}
        case EVERYTHING -> {
          if (items.stream().anyMatch(known::contains)) {
            problems.add(problem("'*' means every service, the keys beside it add nothing", known));
          } else if (!everyService) {
            problems.add(problem("'*' counts only when it stands alone", known));
          }
        }
        case NOTHING ->
            problems.add(
                problem("'-' means nothing and contradicts what stands beside it: ignored", known));
        default -> {
          if (!known.contains(item)) {
            problems.add(problem("'" + item + "' is no service that this node knows", known));
          }
        }
      }
    }
    return List.copyOf(problems);
  }

  private String problem(String what, Set<String> known) {
    return "WORKER_MODE="
        + value
        + ": "
        + what
        + "; accepted are an empty value, '!', '*', '-', and a list of '!', '*' and "
        + String.join(", ", known.stream().sorted().toList());
  }

  /** Returns the value as it was given. */
  @Override
  public String toString() {
    return value;
  }
}
