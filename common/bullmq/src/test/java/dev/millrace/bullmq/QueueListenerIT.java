package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.testing.TestRedis;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a queue's own listener hears, and who else is connected to listen. */
class QueueListenerIT {
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final TestQueue q =
      new TestQueue(TestRedis.url(), QueueOptions.DEFAULT.withListener(new Ear()));

  private final class Ear implements QueueListener {
    @Override
    public void waiting(Job job) {
      heard.add("waiting " + job.id());
    }

    @Override
    public void paused() {
      heard.add("paused");
    }

    @Override
    public void resumed() {
      heard.add("resumed");
    }

    @Override
    public void cleaned(List<String> ids, JobState state) {
      heard.add("cleaned " + ids + " " + state.wireName());
    }

    @Override
    public void removed(String id) {
      heard.add("removed " + id);
      throw new IllegalStateException("a listener's own trouble");
    }

    @Override
    public void progress(String id, String json) {
      heard.add("progress " + id + " " + json);
    }
  }

  @AfterEach
  void close() {
    q.close();
  }

  @Test
  void hearsWhatIsDoneThroughItsQueue() throws InterruptedException {
    q.add("first");
    q.queue.addBulk(List.of(new NewJob("second", "{}", JobOptions.NONE)));
    q.queue.jobs().updateProgress("1", "50");
    q.queue.pause();
    q.queue.resume();
    assertThat(q.queue.remove("1")).isTrue();
    assertThat(q.queue.maintenance().clean(JobState.WAITING, Duration.ZERO, 0)).hasSize(1);
    assertThat(heard)
        .containsExactly(
            "waiting 1",
            "waiting 2",
            "progress 1 50",
            "paused",
            "resumed",
            "removed 1",
            "cleaned [2] waiting");
  }

  @Test
  void isNotToldOfWhatWasRefused() throws InterruptedException {
    q.add("j");
    q.take();
    assertThat(q.queue.remove("1")).isFalse();
    assertThat(heard).containsExactly("waiting 1");
  }

  @Test
  void readersOfEventsAreListed() throws InterruptedException {
    assertThat(q.queue.eventReaders()).isEmpty();
    try (var events = QueueEvents.open(q.connections, q.name, "bull")) {
      assertThat(events.awaitReady(Duration.ofSeconds(5))).isTrue();
      assertThat(q.queue.eventReaders()).singleElement().extracting("addr").isNotNull();
    }
    await().until(() -> q.queue.eventReaders().isEmpty());
  }
}
