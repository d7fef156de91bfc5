package dev.millrace.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.dashboard.Visitor.Role;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SessionsTest {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private final Sessions sessions = new Sessions("secret", now::get);

  @Test
  void aCookieSaysWhoLoggedInOnAnyServerWithTheSameSecret() {
    var cookie = sessions.open(Role.VIEWER, "a.b:c");
    var session = new Sessions("secret", now::get).read(cookie).orElseThrow();
    assertThat(session.role()).isEqualTo(Role.VIEWER);
    assertThat(session.credential()).isEqualTo("a.b:c");
    assertThat(new Sessions("other", now::get).read(cookie)).isEmpty();
  }

  @Test
  void aChangedCookieIsNone() {
    var cookie = sessions.open(Role.VIEWER, "x");
    assertThat(sessions.read(cookie.replace("VIEWER", "ADMIN"))).isEmpty();
    assertThat(sessions.read(cookie + "x")).isEmpty();
    assertThat(sessions.read("")).isEmpty();
    assertThat(sessions.read("a.b.c.d.e")).isEmpty();
  }

  @Test
  void aSessionEnds() {
    var cookie = sessions.open(Role.ADMIN, "x");
    now.updateAndGet(time -> time.plus(Sessions.LIFE).minusSeconds(1));
    assertThat(sessions.read(cookie)).isPresent();
    now.updateAndGet(time -> time.plusSeconds(1));
    assertThat(sessions.read(cookie)).isEmpty();
  }

  @Test
  void aTokenBelongsToOneSession() {
    assertThat(sessions.isToken("one", sessions.token("one"))).isTrue();
    assertThat(sessions.isToken("two", sessions.token("one"))).isFalse();
    assertThat(sessions.isToken("one", "")).isFalse();
  }
}
