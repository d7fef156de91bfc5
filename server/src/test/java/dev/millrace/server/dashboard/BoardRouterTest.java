package dev.millrace.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BoardRouterTest {
  private final BoardRouter router = new BoardRouter();

  BoardRouterTest() {
    router.get("/api/queues/:queue/workers", _ -> "");
    router.get("/api/queues/:queue/:id", _ -> "");
    router.change("PUT", "/api/queues/pause", _ -> "");
  }

  @Test
  void idsAreDecodedOnceAndKeepTheirSlashes() {
    var match = router.find("GET", "/api/queues/a%2Fb/%252F%20%C3%BC+%3A").orElseThrow();
    assertThat(match.path()).containsEntry("queue", "a/b").containsEntry("id", "%2F ü+:");
  }

  @Test
  void theFirstRouteThatFitsIsTaken() {
    assertThat(router.find("GET", "/api/queues/q/workers").orElseThrow().route().name())
        .isEqualTo("/api/queues/:queue/workers");
    assertThat(router.find("PUT", "/api/queues/pause").orElseThrow().route().changes()).isTrue();
    assertThat(router.find("GET", "/api/queues/pause")).isEmpty();
    assertThat(router.find("GET", "/api/queues/q/1/2")).isEmpty();
  }

  @Test
  void whatIsBadlyEncodedIsRefused() {
    assertThatThrownBy(() -> router.find("GET", "/api/queues/q/%zz"))
        .isInstanceOf(BoardError.class);
  }
}
