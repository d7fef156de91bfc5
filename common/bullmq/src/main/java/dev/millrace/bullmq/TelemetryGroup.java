package dev.millrace.bullmq;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Passes everything on to several. */
record TelemetryGroup(List<Telemetry> members) implements Telemetry {
  @Override
  public Span start(Kind kind, String name, String destination, @Nullable String parentContext) {
    return new Spans(
        members.stream()
            .map(member -> member.start(kind, name, destination, parentContext))
            .toList());
  }

  @Override
  public void ended(Job job, Outcome outcome, Duration took) {
    members.forEach(member -> member.ended(job, outcome, took));
  }

  private record Spans(List<Span> all) implements Span {
    @Override
    public void attribute(String key, String value) {
      each(span -> span.attribute(key, value));
    }

    @Override
    public void attribute(String key, long value) {
      each(span -> span.attribute(key, value));
    }

    @Override
    public @Nullable String context() {
      return all.stream().map(Span::context).filter(Objects::nonNull).findFirst().orElse(null);
    }

    @Override
    public Scope enter() {
      var scopes = all.stream().map(Span::enter).toList().reversed();
      return () -> scopes.forEach(Scope::close);
    }

    @Override
    public void failed(Throwable error) {
      each(span -> span.failed(error));
    }

    @Override
    public void close() {
      each(Span::close);
    }

    private void each(Consumer<Span> action) {
      all.forEach(action);
    }
  }
}
