package dev.millrace.platform.tasks;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kinds of tasks that this node knows. Thread-safe. */
public final class TaskTypes {
  private static final Logger LOG = LoggerFactory.getLogger(TaskTypes.class);

  private final Map<String, Offer> offers = new ConcurrentHashMap<>();

  private record Offer(TaskType type, String origin) {}

  /**
   * Adds a kind.
   *
   * @param origin who offers it
   * @throws IllegalArgumentException when there is one of that name
   */
  public void add(TaskType type, String origin) {
    var before = offers.putIfAbsent(type.name(), new Offer(type, origin));
    if (before != null) {
      throw new IllegalArgumentException(
          "task type " + type.name() + " is offered by " + before.origin() + " already");
    }
  }

  Optional<TaskType> find(String name) {
    return Optional.ofNullable(offers.get(name)).map(Offer::type);
  }

  String origin(String name) {
    var offer = offers.get(name);
    return offer == null ? "" : offer.origin();
  }

  /** Has the type put right what a task may have left; does nothing when it is not known here. */
  void abandoned(Task task) {
    try {
      find(task.request().type()).ifPresent(type -> type.abandoned(task));
    } catch (RuntimeException e) {
      LOG.atWarn()
          .setCause(e)
          .log("what task {} ({}) left is not put right", task.id(), task.request().type());
    }
  }

  /** Takes away what somebody offered. */
  public void removeAll(String origin) {
    offers.values().removeIf(offer -> offer.origin().equals(origin));
  }

  /** Returns the names, in alphabetical order. */
  public Set<String> names() {
    return new TreeSet<>(offers.keySet());
  }
}
