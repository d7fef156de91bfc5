package dev.millrace.flows.engine;

import dev.millrace.flows.expression.InputTemplates;
import dev.millrace.flows.expression.Scope;
import dev.millrace.flows.expression.StateUpdate;
import dev.millrace.flows.model.FlowNode;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.NodeInputs;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What one execution of one node works with. Thread-safe; nothing it returns may be changed. What
 * has to be read from a store is read when asked for.
 */
public final class NodeContext implements Scope {
  private final Site site;
  private final Execution execution;
  private final RunContext run;
  private final PathState path;
  private final NodeEvents events;
  private final Cancellation cancellation;
  private final InputTemplates templates;
  private final NodeInputs inputs;
  private volatile @Nullable InsideRun inside;

  NodeContext(Site site, Execution execution, NodeEvents events, Cancellation cancellation) {
    this.site = site;
    this.execution = execution;
    this.run = site.run();
    this.path = execution.before();
    this.events = events;
    this.cancellation = cancellation;
    Canvas.Step step = execution.step();
    this.templates = step.inputs().with(run.overrides().inputs(step.node()));
    // Last, as the templates see this scope.
    this.inputs = new NodeInputs(filled());
  }

  private ObjectNode filled() {
    try {
      return templates.fill(this);
    } catch (FlowException e) {
      throw new FlowException("node " + node().title() + ": " + e.getMessage(), e);
    }
  }

  public FlowNode node() {
    return execution.node();
  }

  /** Returns the inputs with overrides applied and references resolved. */
  public NodeInputs inputs() {
    return inputs;
  }

  /** Tells whether nothing follows this node: only such nodes stream their answer. */
  public boolean isLast() {
    return execution.step().last();
  }

  public RunRequest request() {
    return run.request();
  }

  /** Tells whether a habit of Flowise is kept. */
  public boolean keeps(Compat habit) {
    return run.settings().compat().contains(habit);
  }

  /** Returns what the user sent: the question, the form in lines, or the webhook; or null. */
  public @Nullable String finalInput() {
    return run.finalInput();
  }

  /** Returns the state before this node. */
  public ObjectNode state() {
    return path.state();
  }

  /**
   * Returns the state after this node.
   *
   * @param input the input that holds its updates, e.g. {@code llmUpdateState}
   * @param output what it finally put out
   */
  public ObjectNode stateAfter(String input, JsonNode output) {
    try {
      return StateUpdate.apply(path.state(), templates, input, this, output);
    } catch (FlowException e) {
      throw new FlowException("node " + node().title() + ": " + e.getMessage(), e);
    }
  }

  /** Returns the keys that the caller of the API may and does change in the first state. */
  public ObjectNode stateOverrides() {
    return run.overrides().state(node());
  }

  public Optional<FlowStore.PreviousRun> previousRun() {
    return run.previousRun();
  }

  /** From this node on, nodes do not see the earlier conversation. */
  public void forgetPast() {
    run.forgetPast();
  }

  /** From this node on, nodes see a form that was filled in earlier. */
  public void restoreForm(ObjectNode form) {
    run.form(form);
  }

  public NodeEvents events() {
    return events;
  }

  /** Returns the credential of an id; when the id is empty, what stands in for one. */
  public ObjectNode credential(String id) {
    return id.isEmpty() ? run.secrets().unnamed() : run.secrets().credential(id);
  }

  /** Returns a tool that users of this workspace stored. */
  public Optional<FlowStore.StoredTool> storedTool(String id) {
    return run.store().tool(id, request().workspaceId());
  }

  /** Returns a document store of this workspace. */
  public Optional<FlowStore.StoredDocuments> storedDocuments(String id) {
    return run.store().documents(id, request().workspaceId());
  }

  /** Returns pieces of a document store, which was found by {@link #storedDocuments}. */
  public List<FlowStore.StoredPiece> storedPieces(String storeId, int from, int limit) {
    return run.store().pieces(storeId, from, limit);
  }

  /** Returns a file that was uploaded in this conversation to a Flowise server. */
  public Optional<byte[]> uploadedFile(String name) {
    RunRequest request = run.request();
    var folder =
        StoredFiles.Folder.ofChat(request.workspaceId(), request.flowId(), request.chatId());
    return run.files().read(folder, name);
  }

  /** Returns a file that was uploaded into an input of this flow on a Flowise server. */
  public Optional<byte[]> flowFile(String name) {
    RunRequest request = run.request();
    var folder = StoredFiles.Folder.ofFlow(request.workspaceId(), request.flowId());
    return run.files().read(folder, name);
  }

  /** Returns what ends this execution: the end of the run, or of the node's time. */
  public Cancellation cancellation() {
    return cancellation;
  }

  /**
   * Returns what a human answered to the question with which this node had paused the run, null
   * when it has not asked yet. What it returns is consumed: the next execution of the node, in a
   * loop, asks anew.
   */
  public @Nullable HumanAnswer humanInput() {
    Execution.Answered answered = execution.answer();
    return answered == null ? null : answered.human();
  }

  /** Returns how often this node, a Loop, has sent the flow back. */
  public int timesLoopedBack() {
    return execution.timesLoopedBack();
  }

  /** Returns how often a Loop node goes back that does not say it itself. */
  public int maxLoopCount() {
    return run.settings().maxLoopCount();
  }

  /**
   * Runs the nodes that are drawn inside this one, once for every item. To be called once.
   *
   * @param atOnce how many items may run at a time; when more than one, they do not see each
   *     other's changes of the state
   * @param stopAtError whether no item is begun after one failed
   * @throws FlowCancelledException when the run was cancelled meanwhile
   */
  public Inside runInside(List<JsonNode> items, int atOnce, boolean stopAtError) {
    Canvas canvas = execution.step().inside();
    if (canvas == null) {
      throw new FlowException(
          "Nothing is drawn inside " + node().title() + ": drag the nodes to repeat into it.");
    }
    var insideRun = new InsideRun(this, run, canvas, execution.key(), items);
    inside = insideRun;
    int most = run.settings().sequentialBranches() ? 1 : run.settings().concurrentNodes();
    PathState after =
        insideRun.execute(path, Math.clamp(atOnce, 1, most), stopAtError, cancellation);
    return new Inside(insideRun.results(), after.state());
  }

  /** Returns the records of what ran inside. */
  List<Trail.Told> toldInside() {
    InsideRun insideRun = inside;
    return insideRun == null ? List.of() : insideRun.told();
  }

  /** Returns a hash of the inputs, "" when nobody keeps it. */
  String inputsHash() {
    return run.isJournalled() ? Hash.of(inputs.values().toString()) : "";
  }

  /**
   * Runs another flow to its end, on this thread. It is a run of its own, with its own execution
   * and messages; its events are not heard here.
   *
   * @return how it ended, which may be ERROR, or STOPPED when it asks a human
   * @throws FlowException when there is no such flow, or flows call each other too deep
   * @throws FlowCancelledException when the run was cancelled meanwhile
   */
  public RunResult runFlow(FlowCall call) {
    RunResult result = run.called().run(call, execution.key(), cancellation);
    cancellation.throwIfCancelled();
    return result;
  }

  @Override
  public boolean keepsUnresolved() {
    return keeps(Compat.UNRESOLVED_STAYS_LITERAL);
  }

  @Override
  public String question() {
    return run.request().text("question");
  }

  @Override
  public String uploads() {
    return run.uploads();
  }

  @Override
  public ObjectNode form() {
    return run.form();
  }

  @Override
  public JsonNode webhook() {
    return run.webhook();
  }

  @Override
  public List<ChatTurn> pastHistory() {
    return run.pastHistory();
  }

  @Override
  public List<ChatTurn> runHistory() {
    return path.history();
  }

  @Override
  public int loopCount() {
    return execution.loopCount();
  }

  @Override
  public Instant now() {
    return run.clock().instant();
  }

  @Override
  public @Nullable JsonNode iteration() {
    return site.iteration();
  }

  @Override
  public Map<String, String> variables() {
    return run.variables();
  }

  @Override
  public JsonNode flow(String member) {
    RunRequest request = run.request();
    return switch (member) {
      case "chatflowid", "chatflowId" -> Json.text(request.flowId());
      case "chatId" -> Json.text(request.chatId());
      case "sessionId" -> Json.text(request.sessionId());
      case "apiMessageId" -> Json.text(request.answerId().toString());
      case "chatHistory" -> Conversation.stored(pastHistory());
      case "runtimeChatHistoryLength" -> IntNode.valueOf(Math.max(0, path.history().size() - 1));
      case "state" -> path.state();
      default -> MissingNode.getInstance();
    };
  }

  /**
   * {@inheritDoc}
   *
   * <p>Of the others only those are seen that run before this node when nodes run one at a time, so
   * that what is seen does not depend on which branch was faster; and of those after it what they
   * put out in an earlier pass of a loop.
   */
  @Override
  public @Nullable JsonNode output(String nodeId) {
    return site.output(nodeId, execution.step().index());
  }
}
