package dev.millrace.platform.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.cluster.ServiceSplit;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.TestDatabase;
import dev.millrace.platform.health.NodeFacts;
import dev.millrace.platform.node.Consumers.WatchedQueue;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class NodeRegistryIT {
  private static final JsonMapper JSON = JsonMapper.shared();

  private static NodeFacts facts(String workerMode) {
    var split = ServiceSplit.parse(workerMode);
    var known = Set.of(ServiceSplit.WORKFLOW, ServiceSplit.ASYNC_TASK);
    return new NodeFacts(
        UUID.randomUUID(),
        "host",
        1,
        "1.0",
        "queue",
        workerMode,
        split.serving(),
        split.served(known));
  }

  private static NodeRegistry registry(Database database, String workerMode) {
    return new NodeRegistry(database, facts(workerMode), new Load(), JSON);
  }

  @Test
  void listsThoseWhoAreThereWithTheirLoad() {
    try (var database = TestDatabase.migrated()) {
      var load = new Load();
      load.add("activeTasks", () -> 7);
      var facts = facts("!");
      try (var first = new NodeRegistry(database, facts, load, JSON);
          var second = registry(database, "*")) {
        first.announce();
        second.announce();

        var nodes = second.live();
        assertThat(nodes).hasSize(2);
        assertThat(nodes.getFirst().facts()).isEqualTo(facts);
        assertThat(nodes.getFirst().load()).hasToString("{\"activeTasks\":7}");
        assertThat(nodes.getFirst().silence()).isLessThan(Duration.ofSeconds(10));
      }
      try (var third = registry(database, "*")) {
        assertThat(third.live()).isEmpty();
      }
    }
  }

  @Test
  void forgetsWhoWentSilent() {
    try (var database = TestDatabase.migrated();
        var dead = registry(database, "*");
        var watcher =
            new NodeRegistry(database, facts("!"), new Load(), Duration.ofMillis(50), JSON)) {
      dead.announce();
      // It beats every three seconds, which is rarer than this watcher allows.
      await().until(() -> watcher.live().isEmpty());
    }
  }

  @Test
  void findsQueuesWithoutConsumers() {
    try (var database = TestDatabase.migrated();
        var server = registry(database, "!");
        var worker = registry(database, ServiceSplit.WORKFLOW)) {
      server.announce();
      var flows = new WatchedQueue("predictions", ServiceSplit.WORKFLOW, () -> 3, () -> false);
      var tasks = new WatchedQueue("tasks", ServiceSplit.ASYNC_TASK, () -> 0, () -> true);
      try (var consumers = new Consumers(server, List.of(flows, tasks))) {
        assertThat(consumers.warnings())
            .singleElement()
            .asString()
            .contains("queue predictions has no consumer (3 jobs wait)")
            .contains(ServiceSplit.WORKFLOW);

        worker.announce();
        assertThat(consumers.warnings()).isEmpty();
      }
    }
  }
}
