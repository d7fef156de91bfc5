package dev.millrace.bullmq.telemetry;

import dev.millrace.bullmq.Job;
import dev.millrace.bullmq.Queue;
import dev.millrace.bullmq.Telemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes OpenTelemetry spans and metrics of the work. The span of whatever adds a job is the parent
 * of the span that processes it, also across languages: the context travels with the job as Node's
 * BullMQ lets it. Thread-safe.
 */
public final class OpenTelemetryAdapter implements Telemetry {
  private static final String SCOPE = "dev.millrace.bullmq";
  private static final AttributeKey<String> QUEUE = AttributeKey.stringKey(Names.QUEUE);
  private static final AttributeKey<String> JOB = AttributeKey.stringKey(Names.JOB);
  private static final AttributeKey<String> STATE = AttributeKey.stringKey(Names.JOB_STATE);

  private static final AttributeKey<String> QUEUE_STATE = AttributeKey.stringKey(Names.QUEUE_STATE);

  private final Tracer tracer;
  private final Meter meter;
  private final TraceContext contexts;
  private final Map<Outcome, LongCounter> counters = new EnumMap<>(Outcome.class);
  private final DoubleHistogram durations;

  public OpenTelemetryAdapter(OpenTelemetry openTelemetry) {
    tracer = openTelemetry.getTracer(SCOPE);
    contexts = new TraceContext(openTelemetry.getPropagators().getTextMapPropagator());
    meter = openTelemetry.getMeter(SCOPE);
    for (var outcome : Outcome.values()) {
      counters.put(outcome, meter.counterBuilder(Names.counter(outcome)).setUnit("{jobs}").build());
    }
    durations = meter.histogramBuilder(Names.DURATION).setUnit("ms").build();
  }

  /**
   * Also shows how many jobs a queue has in each state, as the gauge {@code bullmq.queue.jobs}.
   * They are asked for when measurements are collected, once a second at most; while Redis is away
   * there are none. One process per queue is enough.
   */
  public void watch(Queue queue) {
    var jobs = new QueueJobs(queue);
    var _ =
        meter
            .gaugeBuilder(Names.QUEUE_JOBS)
            .ofLongs()
            .setUnit("{jobs}")
            .buildWithCallback(measurement ->
                QueueJobs.STATES.forEach(state ->
                    jobs.in(state)
                        .ifPresent(number ->
                            measurement.record(
                                number,
                                Attributes.of(
                                    QUEUE, jobs.queueName(), QUEUE_STATE, state.wireName())))));
  }

  @Override
  public Span start(Kind kind, String name, String destination, @Nullable String parentContext) {
    var parent = parentContext == null ? Context.current() : contexts.read(parentContext);
    var span =
        tracer
            .spanBuilder(name + " " + destination)
            .setParent(parent)
            .setSpanKind(
                switch (kind) {
                  case INTERNAL -> SpanKind.INTERNAL;
                  case PRODUCER -> SpanKind.PRODUCER;
                  case CONSUMER -> SpanKind.CONSUMER;
                })
            .startSpan();
    return new Operation(span, parent.with(span));
  }

  @Override
  public void ended(Job job, Outcome outcome, Duration took) {
    var attributes =
        Attributes.of(QUEUE, job.queue(), JOB, job.name(), STATE, Names.state(outcome));
    var counter = counters.get(outcome);
    if (counter != null) {
      counter.add(1, attributes);
    }
    durations.record(took.toNanos() / 1e6, attributes);
  }

  private final class Operation implements Span {
    private final io.opentelemetry.api.trace.Span span;
    private final Context context;

    Operation(io.opentelemetry.api.trace.Span span, Context context) {
      this.span = span;
      this.context = context;
    }

    @Override
    public void attribute(String key, String value) {
      span.setAttribute(key, value);
    }

    @Override
    public void attribute(String key, long value) {
      span.setAttribute(key, value);
    }

    @Override
    public @Nullable String context() {
      return contexts.write(context);
    }

    // Whoever entered closes it.
    @SuppressWarnings("MustBeClosedChecker")
    @Override
    public Scope enter() {
      var scope = context.makeCurrent();
      return scope::close;
    }

    @Override
    public void failed(Throwable error) {
      span.recordException(error);
      span.setStatus(StatusCode.ERROR, String.valueOf(error.getMessage()));
    }

    @Override
    public void close() {
      span.end();
    }
  }
}
