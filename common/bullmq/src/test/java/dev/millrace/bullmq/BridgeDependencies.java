package dev.millrace.bullmq;

import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What Node's queues and jobs tell of children, and of who reads a queue's events. */
final class BridgeDependencies {
  private static final int PAGE = 20;

  private BridgeDependencies() {}

  /** Returns {@code {items, jobs, total}} of the processed children of a job, or the pending. */
  static JsonNode page(BridgeOpenQueue of, BridgeArgs args) {
    var kind = args.text(1).equals("processed") ? ChildKind.PROCESSED : ChildKind.UNPROCESSED;
    var page =
        (ObjectNode)
            new BridgePages(of.commands())
                .page(
                    of.queue().keys().job(args.text(0)) + kind.suffix(),
                    args.number(2, 0),
                    args.number(3, -1),
                    true);
    page.remove("cursor");
    return page;
  }

  /**
   * Returns the children of a job by kind, those of the kinds that the options name in pages, as
   * Node does: processed ones with values, ignored ones with reasons.
   */
  static JsonNode ofJob(BridgeOpenQueue of, BridgeArgs args) {
    var children = of.queue().getters().children(args.text(0));
    var wanted = args.at(1);
    var json = Json.object();
    for (var kind : ChildKind.values()) {
      var name = kind.name().toLowerCase(Locale.ROOT);
      if (wanted.isMissingNode()) {
        json.set(name, show(kind, all(children, kind)));
      } else if (BridgeArgs.flag(wanted.path(name))) {
        var options = wanted.path(name);
        var cursor = Long.toString(BridgeArgs.number(options.path("cursor"), 0));
        var count = (int) BridgeArgs.number(options.path("count"), PAGE);
        var page = children.page(kind, cursor, count);
        json.set(name, show(kind, page.children()));
        json.put(
            "next" + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1) + "Cursor",
            page.cursor() == null ? 0 : Long.parseLong(page.cursor()));
      }
    }
    return json;
  }

  private static List<ChildPage.Child> all(JobChildren children, ChildKind kind) {
    var all = new java.util.ArrayList<ChildPage.Child>();
    String cursor = ChildPage.FIRST;
    while (cursor != null) {
      var page = children.page(kind, cursor, 1000);
      all.addAll(page.children());
      cursor = page.cursor();
    }
    return all;
  }

  private static JsonNode show(ChildKind kind, List<ChildPage.Child> children) {
    return switch (kind) {
      case PROCESSED -> {
        var json = Json.object();
        children.forEach(child -> json.set(child.key(), Json.tree(String.valueOf(child.value()))));
        yield json;
      }
      case IGNORED -> {
        var json = Json.object();
        children.forEach(child -> json.put(child.key(), child.value()));
        yield json;
      }
      case UNPROCESSED, FAILED ->
          BridgeArgs.json(children.stream().map(ChildPage.Child::key).toList());
    };
  }

  /** Returns what Redis says of the connections that read the queue's events. */
  static JsonNode eventReaders(BridgeOpenQueue of) {
    var readers = Json.array();
    for (var reader : of.queue().eventReaders()) {
      var fields = Json.object();
      reader.forEach(fields::put);
      fields.put("rawname", fields.path("name").asString()).put("name", of.queue().name());
      readers.add(fields);
    }
    return readers;
  }
}
