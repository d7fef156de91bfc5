package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.testing.TestRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Trees of jobs as they are added, run and read back. */
class FlowProducerIT {
  private final TestQueue q = new TestQueue(TestRedis.url());
  private final TestQueue other = new TestQueue(TestRedis.url());
  private final FlowProducer flows = new FlowProducer(q.connections, QueueOptions.DEFAULT);

  @AfterEach
  void close() {
    q.close();
    other.close();
  }

  private FlowJob job(String jobName, FlowJob... children) {
    return new FlowJob(jobName, q.name, "{}", children);
  }

  private static JobOptions id(String id) {
    return JobOptions.builder().jobId(id).build();
  }

  private static JobOptions.Builder failing(String id) {
    return JobOptions.builder().jobId(id);
  }

  @Test
  void aFlowLooksLikeNodes() {
    var child =
        new FlowJob("child", other.name, "[1]")
            .withOptions(failing("c1").failParentOnFailure(true).build());

    var tree = flows.add(job("root", child, job("second")).withOptions(id("root")));

    assertThat(tree.job().id()).isEqualTo("root");
    assertThat(q.redis().hgetall(q.key("root")))
        .containsOnlyKeys("name", "data", "opts", "timestamp", "delay", "priority");
    assertThat(q.redis().zscore(q.key("waiting-children"), "root").longValue())
        .isEqualTo(tree.job().timestamp());
    assertThat(q.redis().hgetall(other.key("c1")))
        .containsEntry("parentKey", q.key("root"))
        .containsEntry(
            "parent", "{\"id\":\"root\",\"queueKey\":\"bull:" + q.name + "\",\"fpof\":true}");
    assertThat(q.redis().hget(other.key("c1"), "opts"))
        .contains("\"fpof\":true", "\"parent\":{\"id\":\"root\",\"queue\":\"bull:" + q.name);
    assertThat(tree.children())
        .extracting(node -> node.job().name())
        .containsExactly("child", "second");
    var second = tree.children().get(1).job().id();
    assertThat(second).hasSize(36);
    assertThat(q.redis().smembers(q.key("root:dependencies")))
        .containsExactlyInAnyOrder(other.key("c1"), q.key(second));
    assertThat(q.redis().hgetall(other.key("meta"))).containsOnlyKeys("opts.maxLenEvents");
    assertThat(q.events())
        .startsWith("event added jobId root name root", "event waiting-children jobId root");
    assertThat(other.events())
        .containsExactly("event added jobId c1 name child", "event waiting jobId c1");
  }

  @Test
  void childrenRunBeforeTheirParentInWhateverQueue() {
    var order = new CopyOnWriteArrayList<String>();
    Processor processor =
        job -> {
          order.add(job.job().name());
          return Json.quote(job.job().name());
        };
    q.start(processor);
    other.start(processor);

    var tree = flows.add(job("root", job("middle", new FlowJob("leaf", other.name, "{}"))));

    await().until(() -> q.queue.state(tree.job().id()) == JobState.COMPLETED);
    assertThat(order).containsExactly("leaf", "middle", "root");
    assertThat(q.queue.getters().children(tree.job().id()).values())
        .containsExactly(Map.entry(q.key(tree.children().getFirst().job().id()), "\"middle\""));
  }

  @Test
  void aRefusedFlowLeavesNothingBehind() {
    flows.add(job("first", job("shared").withOptions(id("shared"))).withOptions(id("first")));
    var before = q.redis().keys("bull:" + q.name + "*");

    assertThatThrownBy(() ->
            flows.add(
                job("second", job("fresh"), job("shared").withOptions(id("shared")))
                    .withOptions(id("second"))))
        .isInstanceOf(JobOperationException.Conflict.class)
        .hasMessage("The parent job " + q.key("second") + " cannot be replaced. addJob");
    assertThatThrownBy(() ->
            flows.add(
                job("third")
                    .withOptions(
                        JobOptions.builder()
                            .parent(new ParentRef("nobody", "bull:" + q.name))
                            .build())))
        .isInstanceOf(JobOperationException.Missing.class)
        .hasMessage("Missing key for parent job " + q.key("nobody") + ". addJob");

    assertThat(q.redis().keys("bull:" + q.name + "*")).containsExactlyInAnyOrderElementsOf(before);
    assertThat(q.redis().scard(q.key("first:dependencies"))).isEqualTo(1);
  }

  @Test
  void aParentOfChildrenThatAreDoneRunsOnceAllAreThere() throws InterruptedException {
    q.add("done", failing("done"));
    q.manual().complete(q.take(), "7", false);

    flows.add(
        job("root", job("done").withOptions(id("done")), job("open").withOptions(id("open")))
            .withOptions(id("root")));

    assertThat(q.queue.state("root")).isEqualTo(JobState.WAITING_CHILDREN);
    assertThat(q.redis().hgetall(q.key("root:processed")))
        .containsExactly(Map.entry(q.key("done"), "7"));
    q.manual().complete(q.take(), "8", false);
    assertThat(q.queue.state("root")).isEqualTo(JobState.WAITING);

    flows.add(job("r2", job("later").withOptions(id("later"))).withOptions(id("r2")));
    assertThat(q.events()).doesNotContain("event waiting jobId r2 prev waiting-children");
  }

  @Test
  void aParentWithOnlyFinishedChildrenRunsAtOnce() throws InterruptedException {
    q.add("done", failing("done"));
    q.manual().complete(q.take(), "7", false);

    flows.add(job("root", job("done").withOptions(id("done"))).withOptions(id("root")));

    assertThat(q.queue.state("root")).isEqualTo(JobState.WAITING);
    assertThat(q.events())
        .endsWith("event duplicated jobId done", "event waiting jobId root prev waiting-children");
  }

  @Test
  void whatAFailedChildMeansToItsParent() throws InterruptedException {
    var ignored = job("i").withOptions(failing("i").ignoreDependencyOnFailure(true).build());
    var removed = job("r").withOptions(failing("r").removeDependencyOnFailure(true).build());
    var going = job("g").withOptions(failing("g").continueParentOnFailure(true).build());
    flows.add(job("both", ignored, removed).withOptions(id("both")));
    failNext();
    assertThat(q.queue.state("both")).isEqualTo(JobState.WAITING_CHILDREN);
    failNext();
    assertThat(q.queue.state("both")).isEqualTo(JobState.WAITING);
    assertThat(q.queue.getters().children("both").ignoredFailures())
        .containsExactly(Map.entry(q.key("i"), "boom"));
    q.manual().complete(q.take(), "1", false);

    flows.add(job("early", going, job("slow").withOptions(id("slow"))).withOptions(id("early")));
    failNext();
    assertThat(q.queue.state("early")).isEqualTo(JobState.WAITING);
    assertThat(q.queue.getters().children("early").counts()).isEqualTo(new ChildCounts(0, 1, 1, 0));
  }

  private void failNext() throws InterruptedException {
    q.manual().fail(q.take(), new UnrecoverableJobException("boom"), false);
  }

  @Test
  void aFailureClimbsUpAChain() {
    var leaf = job("leaf").withOptions(failing("leaf").failParentOnFailure(true).build());
    var middle =
        job("middle", leaf).withOptions(failing("middle").failParentOnFailure(true).build());
    flows.add(job("root", middle).withOptions(id("root")));
    q.start(_ -> {
      throw new UnrecoverableJobException("boom");
    });

    await().until(() -> q.queue.state("root") == JobState.FAILED);
    var root = q.queue.job("root").orElseThrow();
    assertThat(root.failedReason()).isEqualTo("child " + q.key("middle") + " failed");
    assertThat(root.stacktrace().getFirst()).startsWith("UnrecoverableError:");
    assertThat(q.queue.getters().children("root").failures())
        .containsExactly(Map.entry(q.key("middle"), "child " + q.key("leaf") + " failed"));
    assertThat(root.deferredFailure()).isNull();
  }

  @Test
  void delayAndPriorityOfAParentCountWhenItIsReleased() throws InterruptedException {
    flows.add(
        job("late", job("c1"))
            .withOptions(JobOptions.builder().jobId("late").delay(60_000L).build()));
    q.manual().complete(q.take(), "1", false);
    flows.add(
        job("low", job("c2")).withOptions(JobOptions.builder().jobId("low").priority(5).build()));
    q.manual().complete(q.take(), "1", false);

    assertThat(q.queue.state("late")).isEqualTo(JobState.DELAYED);
    assertThat(q.queue.state("low")).isEqualTo(JobState.PRIORITIZED);
  }

  @Test
  void defaultsAreByQueueAndAnIdIsNever() {
    var tree =
        flows.add(
            job("root", new FlowJob("child", other.name, "{}")),
            Map.of(other.name, JobOptions.builder().attempts(4).jobId("same").build()));

    var child = tree.children().getFirst().job();
    assertThat(child.options().attempts()).isEqualTo(4);
    assertThat(child.id()).isNotEqualTo("same");
    assertThat(tree.job().options().attempts()).isNull();
  }

  @Test
  void aFlowIsReadBackToADepth() {
    var tree =
        flows.add(
            job("root", job("a", job("a1")), job("b"), job("c"))
                .withPrefix(null)
                .withOptions(id("root")));

    var whole = flows.flow(q.name, "root").orElseThrow();
    assertThat(names(whole)).isEqualTo(names(tree));
    assertThat(flows.flow(q.name, "root", 1, 20).orElseThrow().children()).isEmpty();
    var flat = flows.flow(q.name, "root", 2, 2).orElseThrow();
    assertThat(flat.children()).hasSize(2).allMatch(node -> node.children().isEmpty());
    assertThat(flows.flow(q.name, "nobody")).isEmpty();
    assertThatThrownBy(() -> flows.flow(q.name, "root", 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static List<String> names(JobNode node) {
    var names = new ArrayList<String>();
    names.add(node.job().name());
    node.children().stream()
        .map(FlowProducerIT::names)
        .sorted((a, b) -> a.getFirst().compareTo(b.getFirst()))
        .forEach(names::addAll);
    return names;
  }

  @Test
  void prefixesMayDiffer() throws InterruptedException {
    var prefix = "p:" + q.name;
    var tree = flows.add(job("root", job("child").withPrefix(prefix)));
    var child = tree.children().getFirst();

    assertThat(child.prefix()).isEqualTo(prefix);
    assertThat(q.redis().exists(prefix + ":" + q.name + ":" + child.job().id())).isEqualTo(1);
    var read = flows.flow(q.name, tree.job().id()).orElseThrow().children().getFirst();
    assertThat(read.prefix()).isEqualTo(prefix);
    assertThat(read.job().id()).isEqualTo(child.job().id());
    // A worker of that queue finds its parent by what is stored with the child.
    var worker =
        new ManualWorker(q.connections, q.name, WorkerOptions.builder().prefix(prefix).build());
    var taken = worker.next(Duration.ZERO).orElseThrow();
    worker.complete(taken, "1", false);
    assertThat(q.queue.state(tree.job().id())).isEqualTo(JobState.WAITING);
  }

  @Test
  void manyFlowsAreEachWholeOrNotThere() {
    flows.add(job("owner", job("x").withOptions(id("x"))));
    var bad = job("bad", job("x").withOptions(id("x"))).withOptions(id("bad"));
    var many = new ArrayList<FlowJob>();
    IntStream.range(0, 300).forEach(i -> many.add(job("r" + i, job("c"), job("d"))));
    many.add(150, bad);

    assertThatThrownBy(() -> flows.addBulk(many))
        .isInstanceOf(JobOperationException.Conflict.class);

    assertThat(q.queue.counts().waitingChildren()).isEqualTo(301);
    assertThat(q.queue.counts().waiting()).isEqualTo(601);
    assertThat(q.queue.state("bad")).isEqualTo(JobState.UNKNOWN);
  }

  @Test
  void aBigFlowIsOneStep() {
    var children = IntStream.range(0, 5000).mapToObj(_ -> job("c")).toList();
    var tree = flows.add(job("root").withChildren(children));

    assertThat(tree.children()).hasSize(5000);
    assertThat(q.redis().scard(q.key(tree.job().id() + ":dependencies"))).isEqualTo(5000);
    assertThat(flows.flow(q.name, tree.job().id()).orElseThrow().children()).hasSize(20);
  }
}
