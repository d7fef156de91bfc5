package dev.millrace.platform.tasks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.TestDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

/** Background tasks, the same over either kind of messaging. */
@ParameterizedClass
@EnumSource(TaskWires.Kind.class)
class TasksIT {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Database DATABASE = TestDatabase.migrated();

  private final TaskWires wires;
  private final List<AutoCloseable> open = new ArrayList<>();

  TasksIT(TaskWires.Kind kind) {
    wires = new TaskWires(kind);
  }

  @AfterAll
  static void closeDatabase() {
    DATABASE.close();
  }

  @AfterEach
  void close() throws Exception {
    for (var one : open.reversed()) {
      one.close();
    }
    wires.close();
    DATABASE.<Void>with(handle -> {
      handle.execute("DELETE FROM millrace.task");
      return null;
    });
  }

  private TaskNode node(TaskType... types) {
    var node = new TaskNode(DATABASE, wires, types);
    open.add(node);
    return node;
  }

  private static void awaitState(TaskNode node, Task task, TaskState state) {
    await().atMost(Duration.ofSeconds(20)).until(() -> node.state(task) == state);
  }

  /** AT-1 and AT-4: the type is run with its parameters and the creator's request id. */
  @Test
  void runsWhatWasAskedForWithItsParameters() {
    var node =
        node(new TestTask(
                "test:echo",
                (params, context) -> params.deepCopy().put("request", context.requestId())))
            .serving(3)
            .connect();

    var task = node.ask("test:echo", JSON.createObjectNode().put("a", 1));

    awaitState(node, task, TaskState.SUCCEEDED);
    var done = node.tasks.find(task.id()).orElseThrow();
    assertThat(done.result()).hasToString("{\"a\":1,\"request\":\"request-1\"}");
    assertThat(done.request().params()).as("who looks at a task does not read them").isEmpty();
    assertThat(done.started()).isNotNull();
    assertThat(done.done()).isNotNull();
  }

  /** AT-2: ten reports end at 100 %, and whoever listens hears of it. */
  @Test
  void reportsProgressToThoseWhoListen() throws Exception {
    var go = new CountDownLatch(1);
    var node =
        node(new TestTask(
                "test:steps",
                (params, context) -> {
                  assertThat(go.await(10, TimeUnit.SECONDS)).isTrue();
                  for (var i = 1; i <= 10; i++) {
                    context.progress(i, 10);
                  }
                  return null;
                }))
            .serving(3)
            .connect();
    var elsewhere = node().connect();
    var heard = new AtomicInteger();
    var task = node.ask("test:steps");
    try (var _ = elsewhere.tasks.listen(task.id(), heard::incrementAndGet)) {
      go.countDown();
      awaitState(node, task, TaskState.SUCCEEDED);
      await().untilAsserted(() -> assertThat(heard).hasPositiveValue());
    }
    var done = node.tasks.find(task.id()).orElseThrow();
    assertThat(done.current()).isEqualTo(10);
    assertThat(done.total()).isEqualTo(10);
  }

  /** AT-3. */
  @Test
  void keepsTheFileOfATaskThatSucceeded() {
    var node =
        node(new TestTask(
                "test:file",
                (params, context) -> {
                  context.file("a.txt", "text/plain", "content".getBytes(UTF_8));
                  return null;
                }))
            .serving(3)
            .connect();

    var task = node.ask("test:file");

    awaitState(node, task, TaskState.SUCCEEDED);
    assertThat(node.tasks.find(task.id()).orElseThrow().hasFile()).isTrue();
    var file = node.tasks.file(task.id()).orElseThrow();
    assertThat(file.name()).isEqualTo("a.txt");
    assertThat(file.content()).asString(UTF_8).isEqualTo("content");
  }

  /**
   * AT-5 and AT-8: from another node; the body does not complete; a second time changes nothing.
   */
  @Test
  void isCancelledFromAnotherNode() throws Exception {
    var begun = new CountDownLatch(1);
    var completed = new AtomicBoolean();
    var sawCancel = new AtomicBoolean();
    var node =
        node(new TestTask(
                "test:long",
                (params, context) -> {
                  context.onCancel(() -> sawCancel.set(true));
                  begun.countDown();
                  new CountDownLatch(1).await(60, TimeUnit.SECONDS);
                  completed.set(true);
                  return null;
                }))
            .serving(3)
            .connect();
    var elsewhere = node().connect();
    var task = node.ask("test:long");
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();

    assertThat(elsewhere.tasks.cancel(task.id())).isTrue();

    await().until(() -> node.active() == 0);
    assertThat(node.state(task)).isEqualTo(TaskState.CANCELED);
    assertThat(sawCancel).isTrue();
    assertThat(completed).isFalse();
    assertThat(elsewhere.tasks.cancel(task.id())).isFalse();
    assertThat(elsewhere.tasks.cancel(UUID.randomUUID())).isFalse();
  }

  /** AT-6: three at once of four; the fourth when one ends. */
  @Test
  void runsNoMoreAtOnceThanItMay() throws Exception {
    var release = new CountDownLatch(1);
    var now = new AtomicInteger();
    var most = new AtomicInteger();
    var node =
        node(new TestTask(
                "test:wait",
                (params, context) -> {
                  most.accumulateAndGet(now.incrementAndGet(), Math::max);
                  assertThat(release.await(20, TimeUnit.SECONDS)).isTrue();
                  now.decrementAndGet();
                  return null;
                }))
            .serving(3)
            .connect();
    var tasks = new ArrayList<Task>();
    for (var i = 0; i < 4; i++) {
      tasks.add(node.ask("test:wait"));
    }

    await().until(() -> now.get() == 3);
    assertThat(tasks.stream().map(node::state))
        .containsOnlyOnce(TaskState.PENDING)
        .filteredOn(state -> state == TaskState.RUNNING)
        .hasSize(3);
    assertThat(node.tasks.pending()).isEqualTo(1);
    release.countDown();
    tasks.forEach(task -> awaitState(node, task, TaskState.SUCCEEDED));
    assertThat(most).hasValue(3);
  }

  @Test
  void saysWhyATaskFailed() {
    var node =
        node(new TestTask(
                "test:fails",
                (params, context) -> {
                  throw new IllegalStateException("the disk is full");
                }))
            .serving(3)
            .connect();

    var task = node.ask("test:fails");

    awaitState(node, task, TaskState.FAILED);
    assertThat(node.tasks.find(task.id()).orElseThrow().result())
        .hasToString("{\"message\":\"the disk is full\"}");
  }

  @Test
  void refusesATypeThatNobodyKnows() {
    var node = node(new TestTask("test:known", (params, context) -> null)).connect();

    assertThatThrownBy(() -> node.ask("test:unknown"))
        .hasMessageContaining("test:unknown")
        .hasMessageContaining("test:known");
  }

  /** A node that is told to stop gives its task back, and the next one runs it. */
  @Test
  void goesOnElsewhereWhenItsNodeStops() throws Exception {
    var begun = new CountDownLatch(1);
    var first =
        new TaskNode(
                DATABASE,
                wires,
                new TestTask(
                    "test:moves",
                    (params, context) -> {
                      begun.countDown();
                      new CountDownLatch(1).await();
                      return null;
                    }))
            .serving(3)
            .connect();
    var task = first.ask("test:moves");
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();

    first.close();

    var second =
        node(new TestTask("test:moves", (params, context) -> JSON.createObjectNode()))
            .serving(3)
            .connect();
    await().until(() -> second.state(task) == TaskState.PENDING);
    second.sweep(Duration.ofMinutes(1), Duration.ofDays(1)).run();
    awaitState(second, task, TaskState.SUCCEEDED);
    assertThat(second.tasks.find(task.id()).orElseThrow().attempt()).isEqualTo(1);
  }

  /** A node that died without a word: its task runs again, and what it still writes is not kept. */
  @Test
  void runsAgainAfterACrashAndKeepsOnlyTheNewResult() {
    var node =
        node(new TestTask("test:again", (params, context) -> JSON.createObjectNode().put("by", 2)))
            .connect();
    var task = node.ask("test:again");
    var dead = new TaskClaims(DATABASE, UUID.randomUUID(), JSON);
    var claim = dead.claim(task.id()).orElseThrow();
    var sweep = node.sweep(Duration.ofMillis(1), Duration.ofDays(1));
    await()
        .untilAsserted(() -> {
          sweep.run();
          assertThat(node.state(task)).isEqualTo(TaskState.PENDING);
        });

    node.serving(3);

    awaitState(node, task, TaskState.SUCCEEDED);
    // The dead one was only frozen, and wakes.
    assertThat(dead.finish(claim, TaskState.SUCCEEDED, "{\"by\":1}", null)).isFalse();
    assertThat(dead.progress(claim, 1, 2)).isFalse();
    assertThat(dead.renew(List.of(claim))).containsExactly(task.id());
    var done = node.tasks.find(task.id()).orElseThrow();
    assertThat(done.result()).hasToString("{\"by\":2}");
    assertThat(done.attempt()).isEqualTo(2);
  }

  @Test
  void isGivenUpWhenItsNodesDieTooOften() {
    var node = node(new TestTask("test:killer", 1, (params, context) -> null)).connect();
    var task = node.ask("test:killer");
    var _ = new TaskClaims(DATABASE, UUID.randomUUID(), JSON).claim(task.id()).orElseThrow();
    var sweep = node.sweep(Duration.ofMillis(1), Duration.ofDays(1));

    await()
        .untilAsserted(() -> {
          sweep.run();
          assertThat(node.state(task)).isEqualTo(TaskState.FAILED);
        });
    assertThat(String.valueOf(node.tasks.find(task.id()).orElseThrow().result()))
        .contains("the node that ran it is gone");
  }

  @Test
  void forgetsWhatEndedLongAgo() {
    var node = node(new TestTask("test:short", (params, context) -> null)).connect();
    var ended = node.ask("test:short");
    var waiting = node.ask("test:short");
    assertThat(node.tasks.cancel(ended.id())).isTrue();

    await()
        .untilAsserted(() -> {
          node.sweep(Duration.ofMinutes(1), Duration.ofMillis(1)).run();
          assertThat(node.tasks.find(ended.id())).isEmpty();
        });
    assertThat(node.tasks.find(waiting.id())).isPresent();
    assertThat(node.tasks.list("key-1", 1, 10).total()).isEqualTo(1);
    assertThat(node.tasks.list("key-2", 1, 10).total()).isZero();
  }
}
