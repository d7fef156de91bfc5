package dev.millrace.platform.health;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a node says of itself. Does not change while it lives.
 *
 * @param id of this process; another one after each start
 * @param host its machine
 * @param pid its process there
 * @param version of Millrace
 * @param mode {@code main} or {@code queue}
 * @param workerMode WORKER_MODE as it was given, or the default that stood in for it
 * @param requests whether it answers requests
 * @param services the keys of the services that it serves, in alphabetical order
 */
public record NodeFacts(
    UUID id,
    String host,
    long pid,
    String version,
    String mode,
    String workerMode,
    boolean requests,
    List<String> services) {
  public NodeFacts {
    services = List.copyOf(services);
  }

  /** Returns what it serves, for people: {@code requests, workflow:process}. */
  public String serves() {
    var all = new ArrayList<String>();
    if (requests) {
      all.add("requests");
    }
    all.addAll(services);
    return all.isEmpty() ? "nothing" : String.join(", ", all);
  }

  /** Returns them as JSON. */
  public ObjectNode toJson(JsonMapper json) {
    var node =
        json.createObjectNode()
            .put("id", id.toString())
            .put("host", host)
            .put("pid", pid)
            .put("version", version)
            .put("mode", mode)
            .put("workerMode", workerMode)
            .put("requests", requests);
    var keys = node.putArray("services");
    services.forEach(keys::add);
    return node;
  }

  /** Reads what {@link #toJson} wrote. */
  public static NodeFacts read(JsonNode node) {
    return new NodeFacts(
        UUID.fromString(node.path("id").asString("")),
        node.path("host").asString(""),
        node.path("pid").asLong(),
        node.path("version").asString(""),
        node.path("mode").asString(""),
        node.path("workerMode").asString(""),
        node.path("requests").asBoolean(),
        node.path("services").valueStream().map(key -> key.asString("")).toList());
  }
}
