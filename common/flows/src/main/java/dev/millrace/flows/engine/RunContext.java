package dev.millrace.flows.engine;

import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What all nodes of one run share. Thread-safe. */
final class RunContext {
  /** A place among those nodes of a run that may work at the same time. */
  interface Place extends AutoCloseable {
    @Override
    void close();
  }

  static final Place NO_PLACE = () -> {};
  private static final Duration LOOK = Duration.ofMillis(100);

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
  private final RunEvents events;
  private final Set<String> supported;
  private final PastRun past;
  private final Semaphore places;
  private final AtomicInteger executed = new AtomicInteger();
  private final ReentrantLock journalling = new ReentrantLock();
  private volatile RunJournal.Receipt lastEffects = RunJournal.Receipt.DURABLE;
  private volatile @Nullable String fatal;
  private volatile boolean forgetful;
  private volatile ObjectNode form;

  RunContext(
      RunRequest request,
      RunPorts ports,
      EngineSettings settings,
      InstantSource clock,
      Cancellation cancellation,
      SubFlows called,
      Set<String> supported,
      Past past) {
    this.request = request;
    this.ports = ports;
    this.settings = settings;
    this.clock = clock;
    this.cancellation = cancellation;
    this.called = called;
    this.supported = supported;
    this.events = RunEvents.of(request, ports.events());
    this.places = new Semaphore(settings.concurrentNodes(), true);
    this.past = new PastRun(past);
    this.overrides = Overrides.of(request);
    this.uploads = Uploads.text(request);
    this.form = request.input().get("form") instanceof ObjectNode given ? given : Json.object();
    this.finalInput = finalInput(request, uploads, form);
    FlowStore store = ports.store();
    String flowId = request.flowId();
    String session = request.sessionId();
    boolean isNew = request.newSession();
    pastHistory =
        new Lazy<>(() -> isNew ? List.of() : store.history(flowId, session, request.runId()));
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

  FlowStore store() {
    return ports.store();
  }

  Secrets secrets() {
    return ports.secrets();
  }

  StoredFiles files() {
    return ports.files();
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

  RunEvents events() {
    return events;
  }

  /** Returns the kinds of nodes that can run. */
  Set<String> supported() {
    return supported;
  }

  /** Counts an execution; false when the run has had as many as it may. */
  boolean mayExecute() {
    return executed.incrementAndGet() <= settings.maxIterations();
  }

  /** Ends the run because it executed too many nodes; returns what to say. */
  String exhausted() {
    String why =
        "The run has executed "
            + settings.maxIterations()
            + " nodes, which is the limit; raise MAX_ITERATIONS if the flow needs more.";
    fatal = why;
    cancellation.cancel(why);
    return why;
  }

  /** Returns why the run as a whole has to end, null when it need not. */
  @Nullable String fatal() {
    return fatal;
  }

  /** Takes account of an execution that need not be repeated. */
  void countRepeated(NodeRecord record) {
    executed.incrementAndGet();
    JsonNode output = record.data().path("output");
    if (record.data().path("name").asString("").equals("startAgentflow")) {
      forgetful |= output.path("ephemeralMemory").asBoolean(false);
      if (output.path("formData") instanceof ObjectNode filledIn) {
        form = filledIn;
      } else if (output.path("form") instanceof ObjectNode filledIn) {
        form = filledIn;
      }
    }
  }

  /** Returns what the run has behind it. */
  PastRun past() {
    return past;
  }

  /** Tells whether anybody keeps a journal, so that nothing need be prepared for it. */
  boolean isJournalled() {
    return !ports.journal().equals(RunJournal.NONE);
  }

  /** Journals an execution. */
  void journal(JournalEntry entry, boolean hasEffects) {
    journalling.lock();
    try {
      RunJournal.Receipt receipt = ports.journal().nodeFinished(request.runId(), entry);
      if (hasEffects) {
        lastEffects = receipt;
      }
    } finally {
      journalling.unlock();
    }
  }

  /** Returns when every execution with effects that ended before is durable. */
  void awaitJournal() {
    lastEffects.await();
  }

  /**
   * Waits until one more node may work.
   *
   * @throws FlowCancelledException when the run is cancelled meanwhile
   */
  Place place(Cancellation token) {
    try {
      while (!places.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
        token.throwIfCancelled();
      }
      return places::release;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FlowCancelledException("the thread of the run was interrupted");
    }
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
