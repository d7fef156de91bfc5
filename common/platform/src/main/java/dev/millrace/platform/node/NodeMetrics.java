package dev.millrace.platform.node;

import dev.millrace.platform.health.NodeFacts;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.function.LongSupplier;

/** The meters of a process, for Prometheus. Thread-safe. */
public final class NodeMetrics {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  NodeMetrics(NodeFacts facts) {
    // Not "info": that ending is reserved in Prometheus's format.
    Gauge.builder("millrace.node.facts", () -> 1)
        .description("What this node is; always 1")
        .tags(
            Tags.of(
                "version",
                facts.version(),
                "mode",
                facts.mode(),
                "worker_mode",
                facts.workerMode()))
        .register(registry);
    serving("requests", facts.requests());
    facts.services().forEach(service -> serving(service, true));
    new JvmMemoryMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  /** Returns where parts of the process register their meters. */
  public MeterRegistry registry() {
    return registry;
  }

  void gauge(String name, LongSupplier number) {
    Gauge.builder("millrace.load", number, LongSupplier::getAsLong)
        .description("What this node is busy with")
        .tags(Tags.of("of", name))
        .strongReference(true)
        .register(registry);
  }

  /** Returns everything in Prometheus's text format. */
  String scrape() {
    return registry.scrape();
  }

  private void serving(String service, boolean serves) {
    Gauge.builder("millrace.node.serving", () -> serves ? 1 : 0)
        .description("1 for requests and for each service that this node serves")
        .tags(Tags.of("service", service))
        .register(registry);
  }
}
