package dev.millrace.bullmq;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads a tree of jobs level by level. */
final class FlowReader {
  private static final int ASKED = 100;

  private final Scripts scripts;
  private final Commands commands;
  private final int maxChildren;

  FlowReader(Scripts scripts, int maxChildren) {
    this.scripts = scripts;
    this.commands = scripts.commands();
    this.maxChildren = maxChildren;
  }

  /** A job whose children are being read. */
  private record Open(Keys keys, Job job, List<Open> children) {
    JobNode close() {
      return new JobNode(keys.prefix(), job, children.stream().map(Open::close).toList());
    }
  }

  /** Where a job is said to be. */
  record Place(Keys keys, String id) {}

  Optional<JobNode> read(Keys keys, String id, int depth) {
    var root = load(List.of(new Place(keys, id))).getFirst();
    var level = root.stream().toList();
    for (var left = depth - 1; left > 0 && !level.isEmpty(); left--) {
      level = readChildren(level);
    }
    return root.map(Open::close);
  }

  private List<Open> readChildren(List<Open> parents) {
    var owners = new ArrayList<Open>();
    var places = new ArrayList<Place>();
    var keys = childKeys(parents);
    for (var i = 0; i < parents.size(); i++) {
      var parent = parents.get(i);
      for (var key : keys.get(i)) {
        place(parent.keys().prefix(), key)
            .ifPresent(place -> {
              owners.add(parent);
              places.add(place);
            });
      }
    }
    var loaded = load(places);
    var level = new ArrayList<Open>();
    for (var i = 0; i < loaded.size(); i++) {
      var owner = owners.get(i);
      loaded
          .get(i)
          .ifPresent(child -> {
            owner.children().add(child);
            level.add(child);
          });
    }
    return level;
  }

  private List<Set<String>> childKeys(List<Open> parents) {
    var keys = new ArrayList<Set<String>>();
    for (var from = 0; from < parents.size(); from += ASKED) {
      var arguments = new ArrayList<String>();
      arguments.add(Integer.toString(maxChildren));
      for (var parent : parents.subList(from, Math.min(from + ASKED, parents.size()))) {
        arguments.add(parent.keys().job(parent.job().id()));
      }
      for (var reply : scripts.call(Script.CHILD_KEYS, arguments)) {
        var distinct = new LinkedHashSet<String>();
        ((List<?>) reply).forEach(key -> distinct.add(String.valueOf(key)));
        keys.add(distinct);
      }
    }
    return keys;
  }

  private List<Optional<Open>> load(List<Place> places) {
    var hashes =
        commands.callAll("flow", places, place -> c -> c.hgetall(place.keys().job(place.id())));
    var loaded = new ArrayList<Optional<Open>>();
    for (var i = 0; i < places.size(); i++) {
      var place = places.get(i);
      var hash = hashes.get(i);
      loaded.add(
          hash.isEmpty()
              ? Optional.empty()
              : Optional.of(
                  new Open(
                      place.keys(),
                      JobHash.read(place.keys().queue(), place.id(), hash),
                      new ArrayList<>())));
    }
    return loaded;
  }

  /**
   * Splits a child's key. Prefixes and ids may hold colons, names of queues may not; a child has
   * most likely its parent's prefix.
   */
  static Optional<Place> place(String prefix, String key) {
    var known = key.startsWith(prefix + ":");
    var end = known ? prefix.length() : key.indexOf(':');
    var colon = end < 0 ? -1 : key.indexOf(':', end + 1);
    if (colon < 0 || colon == end + 1) {
      return Optional.empty();
    }
    var keys = new Keys(key.substring(0, end), key.substring(end + 1, colon));
    return Optional.of(new Place(keys, key.substring(colon + 1)));
  }
}
