package dev.millrace.platform.cli;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.FlowStore;
import dev.millrace.flows.engine.StoredFlows;
import dev.millrace.flows.model.FlowFile;
import dev.millrace.flows.model.FlowFile.NamedFlow;
import dev.millrace.flows.model.FlowFormatException;
import dev.millrace.flows.model.FlowParser;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.model.WorkspaceParts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a flow finds that runs here: tools, variables, document stores and other flows out of files,
 * each under its id and under its name. Of a past there is none.
 */
final class Library implements FlowStore, StoredFlows {
  private final Map<String, ObjectNode> tools = new HashMap<>();
  private final Map<String, String> variables = new HashMap<>();
  private final Map<String, StoredDocuments> documents = new HashMap<>();
  private final Map<String, List<ObjectNode>> chunks = new HashMap<>();
  private final Map<String, StoredFlow> flows = new HashMap<>();

  private Library() {}

  /**
   * Reads files.
   *
   * @param paths exports of any kind, and folders of them; of several of one name the last counts
   * @param variables win over those of the files
   */
  static Library of(List<Path> paths, Map<String, String> variables) {
    var library = new Library();
    for (var path : paths) {
      if (Files.isDirectory(path)) {
        inside(path).forEach(file -> library.add(file, true));
      } else {
        library.add(path, false);
      }
    }
    library.variables.putAll(variables);
    library
        .chunks
        .values()
        .forEach(pieces ->
            pieces.sort(
                Comparator.comparing((ObjectNode piece) -> text(piece, "docId"))
                    .thenComparingInt(piece -> piece.path("chunkNo").asInt(0))));
    return library;
  }

  private static List<Path> inside(Path folder) {
    try (var files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    } catch (IOException e) {
      throw new CliException(folder + " cannot be read: " + e.getMessage(), e);
    }
  }

  private void add(Path file, boolean among) {
    var json = FlowFiles.json(file);
    // A case holds a flow, and may hold what that uses, beside what is said of it.
    if (json.path("library").isObject()) {
      add(json.path("library"), file, true);
    }
    add(json.path("flow").isObject() ? json.path("flow") : json, file, among);
  }

  private void add(JsonNode json, Path file, boolean among) {
    var parts = WorkspaceParts.of(json);
    parts.tools().forEach(tool -> named(tool).forEach(name -> tools.put(name, tool)));
    parts.variables().forEach(this::variable);
    parts.documentStores().forEach(this::documents);
    parts
        .chunks()
        .forEach(piece ->
            chunks.computeIfAbsent(text(piece, "storeId"), _ -> new ArrayList<>()).add(piece));
    try {
      if (FlowParser.read(json) instanceof FlowFile.Flows(var found)) {
        found.forEach(flow -> flow(flow, file));
      }
    } catch (FlowFormatException e) {
      // Beside flows a folder has scripts and cases.
      if (!among && parts.isEmpty()) {
        throw new CliException(file + ": " + e.getMessage(), e);
      }
    }
  }

  private void variable(ObjectNode row) {
    var name = text(row, "name");
    var environment = text(row, "type").equals("runtime") ? System.getenv(name) : null;
    variables.put(name, environment == null ? text(row, "value") : environment);
  }

  private void documents(ObjectNode row) {
    var store =
        new StoredDocuments(
            text(row, "id"),
            text(row, "name"),
            text(row, "description"),
            text(row, "vectorStoreConfig"),
            text(row, "embeddingConfig"));
    named(row).forEach(name -> documents.put(name, store));
  }

  private void flow(NamedFlow flow, Path file) {
    var name = FlowFiles.name(flow, file);
    var id = flow.id();
    var stored =
        new StoredFlow(
            id == null ? name : id,
            name,
            flow.type().name(),
            flow.flow(),
            object(flow.row().path("apiConfig")),
            object(flow.row().path("chatbotConfig")));
    flows.put(name, stored);
    flows.put(stored.id(), stored);
  }

  private static List<String> named(ObjectNode row) {
    return List.of(text(row, "name"), text(row, "id")).stream()
        .filter(name -> !name.isEmpty())
        .toList();
  }

  /** Rows keep JSON as text, files that people write keep it as it is. */
  private static String text(ObjectNode row, String member) {
    return JsonText.of(row.path(member));
  }

  private static ObjectNode object(JsonNode given) {
    var read = given.isString() ? Json.readOrMissing(given.stringValue()) : given;
    return read instanceof ObjectNode object ? object : Json.object();
  }

  @Override
  public Optional<StoredFlow> find(String flowId, String workspaceId) {
    return Optional.ofNullable(flows.get(flowId));
  }

  @Override
  public List<ChatTurn> history(String flowId, String sessionId, UUID run) {
    return List.of();
  }

  @Override
  public Optional<PreviousRun> previousRun(String flowId, String sessionId) {
    return Optional.empty();
  }

  @Override
  public Map<String, String> variables(String workspaceId) {
    return Map.copyOf(variables);
  }

  @Override
  public Optional<StoredTool> tool(String id, String workspaceId) {
    return Optional.ofNullable(tools.get(id))
        .map(row ->
            new StoredTool(
                text(row, "name"),
                text(row, "description"),
                text(row, "schema"),
                text(row, "func")));
  }

  @Override
  public Optional<StoredDocuments> documents(String id, String workspaceId) {
    return Optional.ofNullable(documents.get(id));
  }

  @Override
  public List<StoredPiece> pieces(String storeId, int from, int limit) {
    return chunks.getOrDefault(storeId, List.of()).stream()
        .skip(from)
        .limit(limit)
        .map(row -> new StoredPiece(text(row, "pageContent"), text(row, "metadata")))
        .toList();
  }
}
