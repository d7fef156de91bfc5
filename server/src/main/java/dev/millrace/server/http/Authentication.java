package dev.millrace.server.http;

import dev.millrace.platform.apikeys.ApiKey;
import dev.millrace.platform.apikeys.ApiKeyStore;
import dev.millrace.platform.settings.Secret;
import io.javalin.http.Context;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who calls, by the API key in {@code Authorization: Bearer …}. Thread-safe. */
public final class Authentication {
  private static final String SCHEME = "Bearer ";

  private final ApiKeyStore keys;
  private final @Nullable Secret adminKey;
  private final ApiKey adminKeyRow;

  /**
   * @param adminKey the key given in the settings, which is not stored; null when none is
   * @param workspaceId the workspace in which it acts
   */
  public Authentication(ApiKeyStore keys, @Nullable Secret adminKey, String workspaceId) {
    this.keys = keys;
    this.adminKey = adminKey;
    this.adminKeyRow =
        new ApiKey("admin", "ADMIN_API_KEY", workspaceId, List.of(), false, Instant.EPOCH);
  }

  /** Returns the caller's key; nothing when there is none or it is not valid. */
  public Optional<ApiKey> caller(Context ctx) {
    var header = ctx.header("Authorization");
    if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.empty();
    }
    var presented = header.substring(SCHEME.length()).strip();
    // Secrets compare in constant time.
    if (adminKey != null && adminKey.equals(new Secret(presented))) {
      return Optional.of(adminKeyRow);
    }
    return keys.verify(presented);
  }

  /**
   * Returns the caller's key.
   *
   * @throws UnauthorizedException when there is none or it is not valid
   */
  public ApiKey require(Context ctx) {
    return caller(ctx).orElseThrow(UnauthorizedException::new);
  }
}
