package dev.millrace.platform.apikeys;

import java.time.Instant;
import java.util.List;

/**
 * A key's row, without what could be used to log in.
 *
 * @param id a UUID; what {@code chat_flow.apikeyid} refers to
 * @param name what the user called it
 * @param permissions {@code area:verb} strings
 * @param hashed whether only the key's hash is stored, as of all that Millrace creates
 */
public record ApiKey(
    String id,
    String name,
    String workspaceId,
    List<String> permissions,
    boolean hashed,
    Instant updatedDate) {
  public ApiKey {
    permissions = List.copyOf(permissions);
  }
}
