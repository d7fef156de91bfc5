package dev.millrace.server.dashboard;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/** Writes jobs as the pages read them ({@code AppJob}). Immutable. */
final class JobJson {
  /** The only member of data that were left out of a list. */
  static final String OMITTED = "__omitted";

  private final JsonMapper json;
  private final Redaction redaction;

  JobJson(JsonMapper json, Redaction redaction) {
    this.json = json;
    this.redaction = redaction;
  }

  Redaction redaction() {
    return redaction;
  }

  ObjectNode write(BoardJob job) {
    var node = json.createObjectNode();
    node.put("id", job.id()).put("timestamp", job.timestamp());
    putIfThere(node, "processedOn", job.processedOn());
    putIfThere(node, "processedBy", job.processedBy());
    putIfThere(node, "finishedOn", job.finishedOn());
    node.putRawValue("progress", shown(job.progress()));
    node.put("attempts", job.attempts()).put("delay", job.delay());
    putIfThere(node, "failedReason", job.failedReason());
    var traces = node.putArray("stacktrace");
    traces(job).forEach(traces::add);
    node.putRawValue("opts", new RawValue(job.options()));
    value(node, "data", job.data(), job.omittedData());
    node.put("name", job.name());
    value(node, "returnValue", job.returnValue(), job.omittedResult());
    node.put("isFailed", !isEmpty(job.failedReason()) || !traces.isEmpty());
    diagnostics(node, job);
    return node;
  }

  private static List<String> traces(BoardJob job) {
    return job.stacktrace().stream().filter(trace -> !trace.isEmpty()).toList();
  }

  private void diagnostics(ObjectNode node, BoardJob job) {
    var seen = job.diagnostics();
    if (seen.priority() != 0) {
      node.put("priority", seen.priority());
    }
    // As long as they are equal, one number says it.
    if (seen.attemptsStarted() > job.attempts()) {
      node.put("attemptsStarted", seen.attemptsStarted());
    }
    if (seen.stalled() != 0) {
      node.put("stalledCounter", seen.stalled());
    }
    if (!isEmpty(seen.deduplicationId())) {
      node.put("deduplicationId", seen.deduplicationId());
    }
    if (!isEmpty(seen.deferredFailure())) {
      node.put("deferredFailure", seen.deferredFailure());
    }
  }

  private void value(ObjectNode node, String name, @Nullable String text, long omitted) {
    if (omitted > 0) {
      node.putObject(name).put(OMITTED, "%,d bytes; open the job to see them".formatted(omitted));
    } else if (text == null) {
      node.putNull(name);
    } else {
      node.putRawValue(name, shown(text));
    }
  }

  /** Not parsed into a tree where that can be avoided: data may have many megabytes. */
  private RawValue shown(String text) {
    return new RawValue(redaction.show(text));
  }

  private static void putIfThere(ObjectNode node, String name, @Nullable Object value) {
    switch (value) {
      case null -> {}
      case Long number -> node.put(name, number);
      default -> node.put(name, value.toString());
    }
  }

  private static boolean isEmpty(@Nullable String text) {
    return text == null || text.isEmpty();
  }
}
