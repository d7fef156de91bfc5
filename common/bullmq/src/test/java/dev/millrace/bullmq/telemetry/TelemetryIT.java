package dev.millrace.bullmq.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.millrace.bullmq.JobOptions;
import dev.millrace.bullmq.NewJob;
import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.QueueOptions;
import dev.millrace.bullmq.RedisConnections;
import dev.millrace.bullmq.Telemetry;
import dev.millrace.bullmq.Topology;
import dev.millrace.bullmq.Worker;
import dev.millrace.bullmq.WorkerOptions;
import dev.millrace.testing.TestRedis;
import io.lettuce.core.RedisURI;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What OpenTelemetry and Micrometer see of a queue's work. */
class TelemetryIT {
  private final InMemorySpanExporter spans = InMemorySpanExporter.create();
  private final InMemoryMetricReader metrics = InMemoryMetricReader.create();
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(spans))
                  .build())
          .setMeterProvider(SdkMeterProvider.builder().registerMetricReader(metrics).build())
          .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
          .build();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final MicrometerMeters meters = new MicrometerMeters(registry);
  private final OpenTelemetryAdapter openTelemetry = new OpenTelemetryAdapter(sdk);
  private final RedisConnections connections =
      RedisConnections.builder(Topology.of(RedisURI.create(TestRedis.url())))
          .telemetry(Telemetry.of(meters, openTelemetry))
          .connect();
  private final String name = "t-" + UUID.randomUUID();
  private final Queue queue = new Queue(connections, name, QueueOptions.DEFAULT);

  @AfterEach
  void close() {
    connections.close();
    sdk.close();
  }

  private Worker worker() {
    var options = WorkerOptions.builder().name("w1").drainDelay(Duration.ofSeconds(1)).build();
    return Worker.start(
        connections,
        name,
        job -> {
          if (Integer.valueOf(2).equals(job.job().options().attempts())
              && job.job().attemptsMade() == 0) {
            throw new IllegalStateException("not yet");
          }
          if (job.job().name().equals("bad")) {
            throw new IllegalStateException("boom");
          }
          Span.current().addEvent("inside");
          return null;
        },
        options);
  }

  private SpanData span(String spanName) {
    await()
        .until(() ->
            spans.getFinishedSpanItems().stream().anyMatch(s -> s.getName().equals(spanName)));
    return spans.getFinishedSpanItems().stream()
        .filter(s -> s.getName().equals(spanName))
        .findFirst()
        .orElseThrow();
  }

  private static String text(SpanData span, String attribute) {
    return String.valueOf(span.getAttributes().get(AttributeKey.stringKey(attribute)));
  }

  @Test
  void aTraceCrossesTheQueue() {
    var request = sdk.getTracer("test").spanBuilder("request").startSpan();
    String id;
    try (var _ = request.makeCurrent()) {
      id = queue.add("good", "{}").id();
    }
    request.end();
    try (var _ = worker()) {
      var add = span("add " + name + ".good");
      var process = span("process " + name);
      var complete = span("complete " + name);

      assertThat(add.getKind()).isEqualTo(SpanKind.PRODUCER);
      assertThat(add.getParentSpanId()).isEqualTo(request.getSpanContext().getSpanId());
      assertThat(text(add, "bullmq.job.id")).isEqualTo(id);
      assertThat(process.getKind()).isEqualTo(SpanKind.CONSUMER);
      assertThat(process.getTraceId()).isEqualTo(add.getTraceId());
      assertThat(process.getParentSpanId()).isEqualTo(add.getSpanId());
      assertThat(process.getEvents()).anyMatch(e -> e.getName().equals("inside"));
      assertThat(text(process, "bullmq.queue.name")).isEqualTo(name);
      assertThat(text(process, "bullmq.job.name")).isEqualTo("good");
      assertThat(text(process, "bullmq.worker.name")).isEqualTo("w1");
      assertThat(complete.getParentSpanId()).isEqualTo(process.getSpanId());
    }
  }

  @Test
  void theContextTravelsInTheJobsOptions() {
    var carried = queue.add("a", "{}");
    assertThat(queue.job(carried.id()).orElseThrow().options().telemetryMetadata())
        .contains("traceparent");
    var own = JobOptions.builder().telemetryMetadata("{\"traceparent\":\"x\"}").build();
    assertThat(queue.add("b", "{}", own).options().telemetryMetadata())
        .isEqualTo("{\"traceparent\":\"x\"}");
    var omitted = JobOptions.builder().omitContext(true).build();
    assertThat(queue.add("c", "{}", omitted).options().telemetryMetadata()).isNull();
    var bulk = queue.addBulk(List.of(new NewJob("d", "{}", JobOptions.NONE)));
    assertThat(bulk.getFirst().options().telemetryMetadata())
        .contains(span("addBulk " + name).getSpanId());
  }

  @Test
  void outcomesAreCounted() {
    meters.watch(queue);
    openTelemetry.watch(queue);
    queue.add("good", "{}", JobOptions.builder().attempts(2).build());
    queue.add("bad", "{}");
    try (var _ = worker()) {
      await().until(() -> queue.counts().completed() == 1 && queue.counts().failed() == 1);
      await().until(() -> registry.scrape().contains("bullmq_jobs_retried_total"));
    }

    await()
        .untilAsserted(() ->
            assertThat(registry.scrape())
                .contains(counter("completed", "good"), counter("failed", "bad"))
                .contains(counter("retried", "good"))
                .contains("bullmq_job_duration_seconds_count{")
                .containsPattern(
                    "bullmq_queue_jobs\\{bullmq_queue_jobs_state=\"completed\",bullmq_queue_name=\""
                        + name
                        + "\".*\\} 1\\.0"));
    var collected = metrics.collectAllMetrics();
    assertThat(collected)
        .filteredOn(metric -> metric.getName().equals("bullmq.queue.jobs"))
        .flatExtracting(metric -> metric.getLongGaugeData().getPoints())
        .extracting(
            point -> point.getAttributes().get(AttributeKey.stringKey("bullmq.queue.jobs.state")),
            point -> point.getValue())
        .contains(tuple("completed", 1L), tuple("failed", 1L), tuple("waiting", 0L));
    assertThat(collected)
        .extracting(metric -> metric.getName())
        .contains(
            "bullmq.jobs.completed",
            "bullmq.jobs.failed",
            "bullmq.jobs.retried",
            "bullmq.job.duration");
  }

  private String counter(String what, String job) {
    return "bullmq_jobs_%s_total{bullmq_job_name=\"%s\",bullmq_queue_name=\"%s\"} 1.0"
        .formatted(what, job, name);
  }

  @Test
  void administrationIsTraced() {
    queue.pause();
    queue.resume();
    queue.remove("nothing");

    assertThat(span("pause " + name).getKind()).isEqualTo(SpanKind.INTERNAL);
    assertThat(text(span("resume " + name), "bullmq.queue.operation")).isEqualTo("resume");
    assertThat(span("remove " + name)).isNotNull();
  }
}
