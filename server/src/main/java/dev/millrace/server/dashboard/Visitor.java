package dev.millrace.server.dashboard;

import org.jspecify.annotations.Nullable;

/**
 * Who looks at the dashboard.
 *
 * @param name what the log calls them: the name of their key
 * @param session the id of their session; null when they sent their key with the request
 */
record Visitor(String name, Role role, @Nullable String session) {
  /** What they may do. */
  enum Role {
    /** Everything. */
    ADMIN,
    /** Look, and change nothing. */
    VIEWER
  }

  boolean mayChange() {
    return role == Role.ADMIN;
  }
}
