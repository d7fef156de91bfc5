package dev.millrace.cluster.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalEventQueueTest extends EventQueueContract {
  @TempDir private Path folder;

  @Override
  protected EventQueue newNode() {
    return newNode(LocalEventTransport.DEFAULT_LIMIT);
  }

  private EventQueue newNode(int limit) {
    return new TransportEventQueue(new LocalEventTransport(file(), limit));
  }

  private Path file() {
    return folder.resolve("events").resolve("event-queue.json");
  }

  @Test
  void aFileKeepsWhatWaitsBetweenAStopAndAStart() throws Exception {
    var calls = new AtomicInteger();
    var queue = newNode();
    queue.connect();
    queue.publish("test1", "m");
    queue.close();
    assertThat(Files.readString(file())).contains("\"test1\"").contains("\\\"m\\\"");
    var next = newNode();
    next.subscribe("test1", EventConsumer.of((_, _) -> calls.incrementAndGet()));
    next.connect();
    assertThat(file()).doesNotExist();
    await().atMost(Duration.ofSeconds(5)).until(() -> calls.get() == 1);
    next.close();
    assertThat(file()).doesNotExist();
  }

  @Test
  void aFileThatCannotBeReadIsPutAside() throws Exception {
    Files.createDirectories(folder.resolve("events"));
    Files.writeString(file(), "{broken");
    var queue = newNode();
    queue.connect();
    assertThat(file()).doesNotExist();
    assertThat(file().resolveSibling("event-queue.json.unreadable")).hasContent("{broken");
    queue.close();
  }

  @Test
  void isBounded() {
    var queue = newNode(3);
    queue.connect();
    for (var i = 0; i < 3; i++) {
      queue.publish("c", i);
    }
    assertThatThrownBy(() -> queue.publish("c", 3))
        .isInstanceOf(QueueFullException.class)
        .hasMessageContaining("3 events of c wait already");
    queue.publish("other", 1);
    queue.close();
  }
}
