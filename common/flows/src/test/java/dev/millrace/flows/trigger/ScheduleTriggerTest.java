package dev.millrace.flows.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.fakes.FlowDraft;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleTriggerTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "scheduleType":"cronExpression","scheduleCronExpression":" */5 * * * * " | */5 * * * *
          "scheduleFrequency":"hourly","scheduleOnMinute":"7"                      | 7 * * * *
          "scheduleFrequency":"hourly"                                             | 0 * * * *
          "scheduleFrequency":"daily","scheduleOnTime":"09:05"                     | 5 9 * * *
          "scheduleFrequency":"weekly","scheduleOnTime":"23:59","scheduleOnDayOfWeek":"[\\"1\\",\\"5\\"]" | 59 23 * * 1,5
          "scheduleFrequency":"weekly","scheduleOnTime":"0:00","scheduleOnDayOfWeek":["Monday","sun"]     | 0 0 * * 1,0
          "scheduleFrequency":"monthly","scheduleOnTime":"08:30","scheduleOnDayOfMonth":"1, 15,last"      | 30 8 1,15,L * *
          """)
  void pickersBecomeCron(String inputs, String cron) {
    assertThat(trigger(inputs).cron()).isEqualTo(cron);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "scheduleType":"cronExpression"                           | scheduleCronExpression
          "scheduleFrequency":"yearly"                              | scheduleFrequency
          "scheduleFrequency":"hourly","scheduleOnMinute":61        | scheduleOnMinute
          "scheduleFrequency":"daily","scheduleOnTime":"25:00"      | scheduleOnTime
          "scheduleFrequency":"weekly","scheduleOnTime":"9:00"      | scheduleOnDayOfWeek
          "scheduleFrequency":"hourly","scheduleEndDate":"soon"     | scheduleEndDate
          """)
  void whatMakesNoSenseIsNamed(String inputs, String named) {
    assertThatThrownBy(() -> trigger(inputs))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("Start")
        .hasMessageContaining(named);
  }

  @Test
  void aDayEndsWhereTheScheduleLives() {
    var hourly = "\"scheduleFrequency\":\"hourly\",\"scheduleEndDate\":";
    assertThat(trigger(hourly + "\"2026-03-01\",\"scheduleTimezone\":\"Asia/Tokyo\"").end())
        .isEqualTo(Instant.parse("2026-03-01T14:59:59.999Z"));
    assertThat(trigger(hourly + "\"2026-03-01T10:00:00.000Z\"").end())
        .isEqualTo(Instant.parse("2026-03-01T10:00:00Z"));
    assertThat(trigger(hourly + "\"\"").end()).isNull();
  }

  @Test
  void inputsAreWhatEachRunAsks() {
    var trigger =
        trigger(
            "\"scheduleFrequency\":\"hourly\",\"scheduleInputMode\":\"form\","
                + "\"scheduleFormDefaults\":\"{\\\"a\\\":1}\"");
    assertThat(trigger.inputMode()).isEqualTo("form");
    assertThat(trigger.defaultForm()).isEqualTo("{\"a\":1}");
    assertThat(ScheduleTrigger.of(FlowDraft.start().flow())).isEmpty();
  }

  private static ScheduleTrigger trigger(String inputs) {
    var flow = FlowDraft.start("{\"startInputType\":\"scheduleInput\"," + inputs + "}").flow();
    return ScheduleTrigger.of(flow).orElseThrow();
  }
}
