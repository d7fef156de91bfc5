package dev.millrace.flows.engine;

import java.util.List;
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
 * @param images shown with the text
 */
public record ChatTurn(
    String role,
    String content,
    @Nullable String name,
    @Nullable ObjectNode extra,
    boolean stored,
    List<Image> images) {
  /**
   * A picture.
   *
   * @param name of the file
   * @param mime e.g. {@code image/png}
   * @param url where it is: {@code data:image/png;base64,…} or an address that the provider
   *     fetches; "" in a message that was read from a record, which does not hold it
   */
  public record Image(String name, String mime, String url) {}

  public ChatTurn {
    images = List.copyOf(images);
  }

  public ChatTurn(String role, String content, @Nullable String name, @Nullable ObjectNode extra) {
    this(role, content, name, extra, false, List.of());
  }

  public ChatTurn(String role, String content) {
    this(role, content, null, null);
  }

  /** A message with pictures. */
  public ChatTurn(String role, String content, List<Image> images) {
    this(role, content, null, null, false, images);
  }

  ChatTurn asStored() {
    return new ChatTurn(role, content, name, extra, true, images);
  }
}
