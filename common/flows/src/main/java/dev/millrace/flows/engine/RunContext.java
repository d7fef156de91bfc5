package dev.millrace.flows.engine;

import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What all nodes of one run share. Thread-safe. */
final class RunContext {
  private final RunRequest request;
  private final RunPorts ports;
  private final EngineSettings settings;
  private final InstantSource clock;
  private final Cancellation cancellation;
  private final SubFlows called;
  private final Overrides overrides;
  private final String uploads;
  private final @Nullable String finalInput;
  private final Lazy<List<ChatTurn>> pastHistory;
  private final Lazy<Map<String, String>> variables;
  private final Lazy<Optional<FlowStore.PreviousRun>> previousRun;
  private final Map<String, NodeRecord> latest = new ConcurrentHashMap<>();
  private volatile boolean forgetful;
  private volatile ObjectNode form;

  RunContext(
      RunRequest request,
      RunPorts ports,
      EngineSettings settings,
      InstantSource clock,
      Cancellation cancellation,
      SubFlows called) {
    this.request = request;
    this.ports = ports;
    this.settings = settings;
    this.clock = clock;
    this.cancellation = cancellation;
    this.called = called;
    this.overrides = Overrides.of(request);
    this.uploads = request.text("uploadedFilesContent");
    this.form = request.input().get("form") instanceof ObjectNode given ? given : Json.object();
    this.finalInput = finalInput(request, uploads, form);
    FlowStore store = ports.store();
    String flowId = request.flowId();
    String session = request.sessionId();
    boolean isNew = request.newSession();
    pastHistory = new Lazy<>(() -> isNew ? List.of() : store.history(flowId, session));
    previousRun = new Lazy<>(() -> isNew ? Optional.empty() : store.previousRun(flowId, session));
    variables = new Lazy<>(() -> overrides.variables(store.variables(request.workspaceId())));
  }

  RunRequest request() {
    return request;
  }

  EngineSettings settings() {
    return settings;
  }

  InstantSource clock() {
    return clock;
  }

  Cancellation cancellation() {
    return cancellation;
  }

  SubFlows called() {
    return called;
  }

  Secrets secrets() {
    return ports.secrets();
  }

  Overrides overrides() {
    return overrides;
  }

  /** Tells whether the request carries both, which it must not. */
  boolean hasQuestionAndForm() {
    return !request.text("question").isEmpty() && !request.input().path("form").isEmpty();
  }

  String uploads() {
    return uploads;
  }

  @Nullable String finalInput() {
    return finalInput;
  }

  ObjectNode form() {
    return form;
  }

  void form(ObjectNode restored) {
    form = restored;
  }

  JsonNode webhook() {
    return request.input().path("webhook");
  }

  /** From now on the earlier conversation is not seen. */
  void forgetPast() {
    forgetful = true;
  }

  List<ChatTurn> pastHistory() {
    return forgetful ? List.of() : pastHistory.get();
  }

  Map<String, String> variables() {
    return variables.get();
  }

  Optional<FlowStore.PreviousRun> previousRun() {
    return previousRun.get();
  }

  void remember(NodeRecord record) {
    latest.put(record.nodeId(), record);
  }

  /** Returns the output of the latest execution of a node, null when it has none. */
  @Nullable JsonNode output(String nodeId) {
    NodeRecord record = latest.get(nodeId);
    return record == null ? null : record.data().get("output");
  }

  private static @Nullable String finalInput(RunRequest request, String uploads, ObjectNode form) {
    String question = request.text("question");
    if (!question.isEmpty()) {
      return uploads.isEmpty() ? question : uploads + "\n\n" + question;
    }
    if (!form.isEmpty()) {
      return form.properties().stream()
          .map(entry -> entry.getKey() + ": " + JsonText.of(entry.getValue()))
          .collect(Collectors.joining("\n"));
    }
    JsonNode webhook = request.input().path("webhook");
    return webhook.isObject() && !webhook.isEmpty() ? Json.write(webhook) : null;
  }
}
