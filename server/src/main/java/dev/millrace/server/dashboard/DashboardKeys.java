package dev.millrace.server.dashboard;

import dev.millrace.platform.apikeys.ApiKey;
import dev.millrace.platform.apikeys.ApiKeyStore;
import dev.millrace.platform.settings.Secret;
import dev.millrace.server.dashboard.Visitor.Role;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which keys open the dashboard: ADMIN_API_KEY, the admin key that the first start made, and
 * DASHBOARD_VIEWER_KEY. Other API keys do not: they are for those who call flows. Thread-safe.
 */
final class DashboardKeys {
  private static final String STORED = "stored:";

  private final ApiKeyStore keys;
  private final String adminKeyName;
  private final @Nullable Secret adminKey;
  private final @Nullable Secret viewerKey;

  /** Somebody whose key is right. */
  record Holder(String name, Role role, String credential) {}

  /**
   * @param adminKeyName what the key is called that the first start made
   * @param adminKey the key given in the settings; null for none
   * @param viewerKey the key of those who only look; null for none
   */
  DashboardKeys(
      ApiKeyStore keys,
      String adminKeyName,
      @Nullable Secret adminKey,
      @Nullable Secret viewerKey) {
    this.keys = keys;
    this.adminKeyName = adminKeyName;
    this.adminKey = adminKey;
    this.viewerKey = viewerKey;
  }

  /** Returns who holds a key; empty when it does not open the dashboard. */
  Optional<Holder> holder(String presented, Sessions sessions) {
    var secret = new Secret(presented);
    if (adminKey != null && adminKey.equals(secret)) {
      return Optional.of(new Holder("ADMIN_API_KEY", Role.ADMIN, sessions.fingerprint(presented)));
    }
    if (viewerKey != null && viewerKey.equals(secret)) {
      return Optional.of(
          new Holder("DASHBOARD_VIEWER_KEY", Role.VIEWER, sessions.fingerprint(presented)));
    }
    return keys.verify(presented)
        .filter(this::isAdmin)
        .map(key -> new Holder("key " + key.name(), Role.ADMIN, STORED + key.id()));
  }

  /** Returns who opened a session, if their key still counts. */
  Optional<Holder> holder(Sessions.Session session, Sessions sessions) {
    var credential = session.credential();
    if (credential.startsWith(STORED)) {
      return keys.find(credential.substring(STORED.length()))
          .filter(this::isAdmin)
          .map(key -> new Holder("key " + key.name(), Role.ADMIN, credential));
    }
    var secret = session.role() == Role.ADMIN ? adminKey : viewerKey;
    var name = session.role() == Role.ADMIN ? "ADMIN_API_KEY" : "DASHBOARD_VIEWER_KEY";
    return secret != null && sessions.fingerprint(secret.reveal()).equals(credential)
        ? Optional.of(new Holder(name, session.role(), credential))
        : Optional.empty();
  }

  /** Made by us, and limited to nothing. */
  private boolean isAdmin(ApiKey key) {
    return key.hashed() && key.permissions().isEmpty() && key.name().equals(adminKeyName);
  }
}
