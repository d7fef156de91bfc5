package dev.millrace.cluster;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What this node serves, as {@code WORKER_MODE} says: requests, services, both or neither.
 *
 * <table>
 * <caption>The values</caption>
 * <tr><td>unset or empty</td><td>requests and every service</td></tr>
 * <tr><td>{@code !}</td><td>requests only</td></tr>
 * <tr><td>{@code *}</td><td>every service, no requests</td></tr>
 * <tr><td>{@code a:b,c:d}</td><td>these services, no requests</td></tr>
 * <tr><td>{@code !,a:b}</td><td>requests and these services</td></tr>
 * <tr><td>{@code -}</td><td>nothing</td></tr>
 * </table>
 *
 * <p>White space around items is ignored. Immutable.
 */
public final class ServiceSplit {
  /** Runs flows: predictions, scheduled runs, webhook runs. */
  public static final String WORKFLOW = "workflow:process";

  /** Runs every other background task. */
  public static final String ASYNC_TASK = "async-task:process";

  private final boolean requests;
  private final boolean everyService;
  private final Set<String> services;

  private ServiceSplit(boolean requests, boolean everyService, Set<String> services) {
    this.requests = requests;
    this.everyService = everyService;
    this.services = Set.copyOf(services);
  }

  /**
   * Reads a value of {@code WORKER_MODE}.
   *
   * @param value null or blank means everything
   * @param known the service keys that exist on this node
   * @throws IllegalArgumentException when an item is unknown or contradicts another; the message
   *     names the variable, the value and the known keys
   */
  public static ServiceSplit parse(@Nullable String value, Set<String> known) {
    if (value == null || value.isBlank()) {
      return new ServiceSplit(true, true, Set.of());
    }
    var items = items(value);
    if (items.contains("-")) {
      if (items.size() > 1) {
        throw invalid(value, "'-' means that the node serves nothing and stands alone", known);
      }
      return new ServiceSplit(false, false, Set.of());
    }
    var keys = new LinkedHashSet<>(items);
    var requests = keys.remove("!");
    var all = keys.remove("*");
    if (all && !keys.isEmpty()) {
      throw invalid(value, "'*' means every service and stands beside no key", known);
    }
    for (var key : keys) {
      if (!known.contains(key)) {
        throw invalid(value, "'" + key + "' is no service of this node", known);
      }
    }
    return new ServiceSplit(requests, all, keys);
  }

  /** Returns whether this node answers requests. */
  public boolean serving() {
    return requests;
  }

  /** Returns whether this node does the work of a service. */
  public boolean serving(String service) {
    return everyService || services.contains(service);
  }

  private static List<String> items(String value) {
    var items = new ArrayList<String>();
    for (var item : value.split(",", -1)) {
      if (!item.isBlank()) {
        items.add(item.strip());
      }
    }
    return items;
  }

  private static IllegalArgumentException invalid(String value, String why, Set<String> known) {
    return new IllegalArgumentException(
        "WORKER_MODE="
            + value
            + ": "
            + why
            + "; accepted are an empty value, '!', '*', '-', and a list of '!' and "
            + String.join(", ", known.stream().sorted().toList()));
  }
}
