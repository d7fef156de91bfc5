package dev.millrace.server.dashboard;

import static dev.millrace.server.dashboard.PlainPages.escape;

import dev.millrace.bullmq.BullMqException;
import dev.millrace.platform.db.DatabaseUnavailableException;
import dev.millrace.platform.node.Announcement;
import dev.millrace.platform.node.Consumers;
import dev.millrace.platform.node.LiveNode;
import dev.millrace.platform.node.NodeRegistry;
import io.javalin.http.Context;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Collectors;

/** Who is there, what they serve, and which queue nobody serves, for people. */
final class NodePage {
  private final UUID here;
  private final NodeRegistry registry;
  private final Consumers consumers;
  private final PlainPages pages;

  NodePage(Announcement announcement, PlainPages pages) {
    here = announcement.facts().id();
    registry = announcement.registry();
    consumers = announcement.consumers();
    this.pages = pages;
  }

  void send(Context ctx) {
    try {
      var rows = registry.live().stream().map(this::row).collect(Collectors.joining());
      BoardPage.sendHtml(ctx, 200, pages.nodes(rows, warnings()));
    } catch (DatabaseUnavailableException e) {
      BoardPage.sendHtml(ctx, 503, pages.nodes("", List.of(String.valueOf(e.getMessage()))));
    }
  }

  private List<String> warnings() {
    try {
      return consumers.warnings();
    } catch (BullMqException e) {
      // The nodes are known all the same: they are in PostgreSQL.
      return List.of(String.valueOf(e.getMessage()));
    }
  }

  private String row(LiveNode node) {
    var facts = node.facts();
    var load =
        node.load().properties().stream()
            .map(number -> number.getKey() + " " + number.getValue())
            .collect(Collectors.joining(", "));
    var isHere = facts.id().equals(here) ? " (this one)" : "";
    return List.of(
            facts.host() + ":" + facts.pid() + isHere,
            facts.mode(),
            facts.workerMode(),
            facts.serves(),
            facts.version(),
            String.format(Locale.ROOT, "%.1f s ago", node.silence().toMillis() / 1e3),
            load)
        .stream()
        .map(text -> "<td>" + escape(text) + "</td>")
        .collect(Collectors.joining("", "<tr>", "</tr>\n"));
  }
}
