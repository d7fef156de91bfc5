package dev.millrace.flows.engine;

import dev.millrace.flows.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Reads the files that a Flowise server keeps in its storage, and of which flows, messages and
 * document stores have only the names. Thread-safe, may block.
 */
@FunctionalInterface
public interface StoredFiles {
  /** There is no storage. */
  StoredFiles NONE = (folder, name) -> Optional.empty();

  /** How many bytes a file may have. */
  int LARGEST = 16 << 20;

  /** What an input begins with that names files instead of holding them. */
  String REFERENCE = "FILE-STORAGE::";

  /** How many files one input may name. */
  int MOST_NAMES = 100;

  /**
   * Where files are.
   *
   * @param workspaceId whose organization they belong to
   * @param path the folders below that of the organization, outermost first
   */
  record Folder(String workspaceId, List<String> path) {
    public Folder {
      path = List.copyOf(path);
    }

    /** What was uploaded in a conversation. */
    public static Folder ofChat(String workspaceId, String flowId, String chatId) {
      return new Folder(workspaceId, List.of(flowId, chatId));
    }

    /** What was uploaded into the inputs of a flow's nodes. */
    public static Folder ofFlow(String workspaceId, String flowId) {
      return new Folder(workspaceId, List.of(flowId));
    }

    /** What was uploaded into a document store. */
    public static Folder ofDocuments(String workspaceId, String storeId) {
      return new Folder(workspaceId, List.of("docustore", storeId));
    }
  }

  /**
   * Returns the content of a file, nothing when it is not there.
   *
   * @param name without a folder
   * @throws FlowException when it cannot be read, has more than {@link #LARGEST} bytes, or its name
   *     leads elsewhere
   */
  Optional<byte[]> read(Folder folder, String name);

  /** Tells whether an input names files instead of holding them. */
  static boolean isReference(String input) {
    return input.startsWith(REFERENCE);
  }

  /**
   * Returns the names in a reference: {@code FILE-STORAGE::["name", …]} or {@code
   * FILE-STORAGE::name}.
   *
   * @throws IllegalArgumentException when it names none, or too many
   */
  static List<String> names(String reference) {
    String named = reference.substring(REFERENCE.length()).strip();
    var names = new ArrayList<String>();
    if (named.startsWith("[")) {
      for (JsonNode name : Json.readOrMissing(named)) {
        names.add(name.asString(""));
      }
    } else {
      names.add(named);
    }
    if (names.isEmpty() || names.size() > MOST_NAMES || names.contains("")) {
      throw new IllegalArgumentException(
          "it has to be " + REFERENCE + "[\"name\", …] with at most " + MOST_NAMES + " names");
    }
    return names;
  }
}
