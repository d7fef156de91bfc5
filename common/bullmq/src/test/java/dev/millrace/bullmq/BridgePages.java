package dev.millrace.bullmq;

import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Pages through a set or a hash, in the order in which Redis shows its elements. */
final class BridgePages {
  private static final int SCANNED = 100;

  private final Commands commands;

  BridgePages(Commands commands) {
    this.commands = commands;
  }

  /** An element; sets have no values. */
  private record Item(String id, @Nullable String value) {}

  /**
   * Returns {@code {cursor, items, total, jobs}}: a page from one place to another, -1 being the
   * end.
   */
  JsonNode page(String key, long start, long end, boolean withJobs) {
    var json = Json.object();
    var items = new ArrayList<Item>();
    var type = commands.<String>call("paginate", c -> c.type(key));
    var cursor = "0";
    var total = 0L;
    switch (type) {
      case "none" -> {}
      case "hash" -> {
        total = commands.<Long>call("paginate", c -> c.hlen(key));
        cursor = read(items, end, from -> hashPage(key, from));
      }
      case "set" -> {
        total = commands.<Long>call("paginate", c -> c.scard(key));
        cursor = read(items, end, from -> setPage(key, from));
      }
      default -> throw new BullMqException("Pagination is only supported for sets and hashes.");
    }
    var to = end < 0 ? items.size() : Math.min(items.size(), end + 1);
    var page = start >= to ? List.<Item>of() : items.subList((int) start, (int) to);
    json.put("cursor", cursor).put("total", total);
    json.putArray("items").addAll(page.stream().map(BridgePages::show).toList());
    var jobs = json.putArray("jobs");
    if (withJobs) {
      for (var item : page) {
        var hash = commands.<Map<String, String>>call("paginate", c -> c.hgetall(item.id()));
        jobs.add(BridgeJobJson.ofHash(id(item.id()), hash));
      }
    }
    return json;
  }

  /** A part of the elements, and where to go on; the cursor is "0" at the end. */
  private record Part(List<Item> items, String cursor) {}

  private interface Source {
    Part from(ScanCursor cursor);
  }

  private static String read(List<Item> items, long end, Source source) {
    var cursor = "0";
    do {
      var part = source.from(ScanCursor.of(cursor));
      items.addAll(part.items());
      cursor = part.cursor();
    } while (!cursor.equals("0") && (end < 0 || items.size() <= end));
    return cursor;
  }

  private Part hashPage(String key, ScanCursor cursor) {
    var page =
        commands.call("paginate", c -> c.hscan(key, cursor, ScanArgs.Builder.limit(SCANNED)));
    var items = new ArrayList<Item>();
    new LinkedHashMap<>(page.getMap()).forEach((id, value) -> items.add(new Item(id, value)));
    return new Part(items, page.getCursor());
  }

  private Part setPage(String key, ScanCursor cursor) {
    var page =
        commands.call("paginate", c -> c.sscan(key, cursor, ScanArgs.Builder.limit(SCANNED)));
    return new Part(
        page.getValues().stream().map(id -> new Item(id, null)).toList(), page.getCursor());
  }

  private static ObjectNode show(Item item) {
    var json = Json.object().put("id", item.id());
    var value = item.value();
    if (value != null) {
      try {
        json.set("v", Json.tree(value));
      } catch (BullMqException e) {
        json.put("err", e.getMessage());
      }
    }
    return json;
  }

  private static String id(String jobKey) {
    return jobKey.substring(jobKey.lastIndexOf(':') + 1);
  }
}
