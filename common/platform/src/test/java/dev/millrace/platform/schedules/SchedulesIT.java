package dev.millrace.platform.schedules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.db.Database;
import dev.millrace.platform.db.TestDatabase;
import dev.millrace.platform.db.Workspaces;
import dev.millrace.platform.flows.ChatFlow;
import dev.millrace.platform.flows.ChatFlowStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SchedulesIT {
  private final Database database = TestDatabase.migrated();
  private final String workspace = new Workspaces(database).defaultWorkspace().workspaceId();
  private final Clock clock = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);
  private final ChatFlowStore flows = new ChatFlowStore(database, clock);
  private final ScheduleStore store = new ScheduleStore(database, clock);
  private final Map<String, Schedule> inForce = new HashMap<>();
  private final Schedules schedules =
      new Schedules(store, new RememberingBeat(), Duration.ofSeconds(60), clock);

  @AfterAll
  void close() {
    database.close();
  }

  @Test
  void followsItsFlow() {
    var flow = flow("\"scheduleFrequency\":\"hourly\",\"scheduleDefaultInput\":\"go\"");

    assertThat(schedules.saved(flow)).isEmpty();

    var schedule = schedules.of(flow.id()).orElseThrow();
    assertThat(schedule.cron()).isEqualTo("0 * * * *");
    assertThat(schedule.enabled()).isTrue();
    assertThat(inForce).containsEntry(schedule.id(), schedule);

    schedules.enable(flow.id(), false);
    assertThat(inForce).doesNotContainKey(schedule.id());
    schedules.saved(
        flow(
            flow,
            "\"scheduleFrequency\":\"daily\",\"scheduleOnTime\":\"1:00\","
                + "\"scheduleDefaultInput\":\"go\""));
    var changed = schedules.of(flow.id()).orElseThrow();
    assertThat(changed.id()).isEqualTo(schedule.id());
    assertThat(changed.cron()).isEqualTo("0 1 * * *");
    assertThat(changed.enabled()).as("saving a flow does not switch its schedule on").isFalse();

    schedules.enable(flow.id(), true);
    assertThat(inForce).containsKey(schedule.id());
    schedules.deleted(flow.id());
    assertThat(inForce).doesNotContainKey(schedule.id());
    assertThat(schedules.of(flow.id())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "scheduleType":"cronExpression","scheduleCronExpression":"* * * * * *" | MIN_SCHEDULE_INTERVAL_SECONDS
          "scheduleType":"cronExpression","scheduleCronExpression":"0,30 1 2 * * *" | MIN_SCHEDULE_INTERVAL_SECONDS
          "scheduleType":"cronExpression","scheduleCronExpression":"every day"   | cannot be understood
          "scheduleFrequency":"hourly","scheduleTimezone":"Mars/Olympus"         | Mars/Olympus
          "scheduleFrequency":"sometimes"                                        | scheduleFrequency
          """)
  void whatCannotBeInForceIsSaid(String inputs, String why) {
    var flow = flow(inputs);

    assertThat(schedules.saved(flow)).hasValueSatisfying(text -> assertThat(text).contains(why));

    assertThat(schedules.of(flow.id())).isEmpty();
  }

  @Test
  void onlyOneProcessGetsARun() throws Exception {
    var flow = flow("\"scheduleFrequency\":\"hourly\",\"scheduleDefaultInput\":\"go\"");
    schedules.saved(flow);
    var id = schedules.of(flow.id()).orElseThrow().id();
    var due = Instant.parse("2026-01-02T04:00:00Z");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var claims =
          threads.invokeAll(
              IntStream.range(0, 8)
                  .<Callable<Boolean>>mapToObj(i -> () -> store.claim(id, due))
                  .toList());

      assertThat(claims).filteredOn(Future::resultNow).hasSize(1);
    }
    assertThat(store.claim(id, due.plusSeconds(3600))).isTrue();
    assertThat(store.claim(id, due)).isFalse();
  }

  private ChatFlow flow(String inputs) {
    var body = JsonMapper.shared().createObjectNode().put("name", "s").put("type", "AGENTFLOW");
    return flows.create(body.put("flowData", flowData(inputs)), workspace);
  }

  private ChatFlow flow(ChatFlow old, String inputs) {
    var body = JsonMapper.shared().createObjectNode().put("flowData", flowData(inputs));
    return flows.update(old.id(), body).orElseThrow();
  }

  private static String flowData(String inputs) {
    return "{\"nodes\":[{\"id\":\"startAgentflow_0\",\"data\":{\"name\":\"startAgentflow\","
        + "\"category\":\"Agent Flows\",\"inputs\":{\"startInputType\":\"scheduleInput\","
        + inputs
        + "}}}],\"edges\":[]}";
  }

  private final class RememberingBeat implements ScheduleBeat {
    @Override
    public void set(Schedule schedule) {
      inForce.put(schedule.id(), schedule);
    }

    @Override
    public void remove(String scheduleId) {
      inForce.remove(scheduleId);
    }

    @Override
    public void close() {}
  }
}
