package dev.millrace.flows.engine;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One message of a conversation, as history and models see it.
 *
 * @param role {@code system}, {@code user}, {@code assistant} or {@code developer}
 * @param content the text
 * @param name who said it, when a node did: the node's label in lower case with underscores
 * @param extra further members of the stored message ({@code additional_kwargs}), or null
 * @param stored whether it was read from the store, which Flowise writes in another order
 */
public record ChatTurn(
    String role,
    String content,
    @Nullable String name,
    @Nullable ObjectNode extra,
    boolean stored) {
  public ChatTurn(String role, String content, @Nullable String name, @Nullable ObjectNode extra) {
    this(role, content, name, extra, false);
  }

  public ChatTurn(String role, String content) {
    this(role, content, null, null);
  }

  ChatTurn asStored() {
    return new ChatTurn(role, content, name, extra, true);
  }
}
