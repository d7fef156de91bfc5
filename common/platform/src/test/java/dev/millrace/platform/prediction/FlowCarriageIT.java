package dev.millrace.platform.prediction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.QueueOptions;
import dev.millrace.bullmq.RedisConnections;
import dev.millrace.bullmq.Worker;
import dev.millrace.bullmq.WorkerOptions;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.testing.TestRedis;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class FlowCarriageIT {
  private static final String ROW =
      "{\"id\":\"f-1\",\"type\":\"AGENTFLOW\",\"apiConfig\":null,"
          + "\"flowData\":\"{\\\"nodes\\\":[],\\\"edges\\\":[]}\"}";

  private final JsonMapper json = JsonMapper.shared();
  private final RedisConnections redis = RedisConnections.connect(RedisURI.create(TestRedis.url()));
  private final String queue = "carriage-" + UUID.randomUUID();
  private final FleetWatch fleet = new FleetWatch(new Queue(redis, queue, QueueOptions.DEFAULT));
  private final SharedFlows flows = new SharedFlows(redis);

  @AfterEach
  void disconnect() {
    redis.close();
  }

  @Test
  void aJobCarriesItsFlowUnlessAllWorkersAreOurs() throws Exception {
    assertThat(carriesReference()).as("no worker is known").isFalse();

    var ours = worker(FleetWatch.NAME);
    await().untilAsserted(() -> assertThat(carriesReference()).as("only ours").isTrue());

    for (var foreign : new String[] {"", "another"}) {
      var theirs = worker(foreign);
      await().untilAsserted(() -> assertThat(carriesReference()).as("theirs").isFalse());
      theirs.stop(Duration.ofSeconds(1));
      await().untilAsserted(() -> assertThat(carriesReference()).as("ours again").isTrue());
    }
    ours.stop(Duration.ofSeconds(1));
    await().untilAsserted(() -> assertThat(carriesReference()).as("none").isFalse());
  }

  @Test
  void aReferenceLeadsToTheFlowAsItWas() {
    var reference = flows.reference("f-1", ROW);
    var elsewhere = new SharedFlows(redis);
    var snapshots = new FlowSnapshots((id, hash) -> elsewhere.find(hash), json);

    var found = snapshots.get(reference);

    assertThat(reference).hasSizeLessThan(150);
    assertThat(found).isEqualTo(new FlowSnapshots(FlowTexts.NONE, json).get(ROW));
    assertThat(snapshots.get(reference)).isSameAs(found);
    assertThat(flows.reference("f-1", ROW.replace("null", "\"{}\""))).isNotEqualTo(reference);
  }

  @Test
  void aFlowThatIsGoneIsNamed() {
    var snapshots = new FlowSnapshots((id, hash) -> Optional.empty(), json);

    assertThatThrownBy(() -> snapshots.get(flows.reference("f-1", ROW)))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("f-1");
  }

  private boolean carriesReference() {
    return new FlowCarriage(fleet, flows).reference(job()).isPresent();
  }

  private Worker worker(String name) {
    return Worker.start(redis, queue, job -> "null", WorkerOptions.builder().name(name).build());
  }

  private PredictionJob job() {
    return new PredictionJob(
        PredictionJob.Ids.random(true),
        json.createObjectNode(),
        "f-1",
        ROW,
        "chat",
        "",
        false,
        "",
        "",
        null);
  }
}
