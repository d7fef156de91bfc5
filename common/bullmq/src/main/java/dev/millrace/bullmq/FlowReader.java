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
  private record Place(Keys keys, String id) {}

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
    var children = childrenOf(parents);
    for (var i = 0; i < parents.size(); i++) {
      for (var place : children.get(i)) {
        owners.add(parents.get(i));
        places.add(place);
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

  private List<Set<Place>> childrenOf(List<Open> parents) {
    var children = new ArrayList<Set<Place>>();
    for (var from = 0; from < parents.size(); from += ASKED) {
      var arguments = scripts.arguments(scripts.now());
      arguments.add(Integer.toString(maxChildren));
      for (var parent : parents.subList(from, Math.min(from + ASKED, parents.size()))) {
        arguments.add(parent.keys().job(parent.job().id()));
      }
      for (var reply : scripts.call(Script.CHILD_KEYS, arguments)) {
        var flat = (List<?>) reply;
        // A child of two kinds, as old fleets leave it, is still one child.
        var places = new LinkedHashSet<Place>();
        for (var i = 0; i < flat.size(); i += 2) {
          places.add(new Place(keys((String) flat.get(i)), (String) flat.get(i + 1)));
        }
        children.add(places);
      }
    }
    return children;
  }

  /** Splits {@code prefix:queue:}; only the prefix may hold colons. */
  private static Keys keys(String base) {
    var end = base.length() - 1;
    var colon = base.lastIndexOf(':', end - 1);
    return new Keys(base.substring(0, colon), base.substring(colon + 1, end));
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
}
