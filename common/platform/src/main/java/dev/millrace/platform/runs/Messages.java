package dev.millrace.platform.runs;

import dev.millrace.flows.engine.RunRequest;
import dev.millrace.flows.engine.RunResult;
import dev.millrace.flows.engine.RunStatus;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Renders the two chat messages of a run as Flowise stores them. */
final class Messages {
  /** PostgreSQL's text cannot hold the character NUL, models can produce it. */
  private static final String NUL = "\0";

  private Messages() {}

  /** Returns the question and the answer; nothing for a run that failed, like Flowise. */
  static List<StoredMessage> of(RunRequest run, RunResult result, Instant endedAt) {
    return switch (result.status()) {
      case FINISHED, STOPPED -> List.of(question(run), answer(run, result, endedAt));
      case INPROGRESS, ERROR, TERMINATED, TIMEOUT -> List.of();
    };
  }

  /** Returns the id of a run's question: the same whenever the run is taken up again. */
  static UUID questionId(UUID answerId) {
    return UUID.nameUUIDFromBytes(("question:" + answerId).getBytes(StandardCharsets.UTF_8));
  }

  private static StoredMessage question(RunRequest run) {
    return new StoredMessage(
        questionId(run.answerId()),
        "userMessage",
        run.flowId(),
        run.runId(),
        storable(questionText(run)),
        run.chatType(),
        storable(run.chatId()),
        storable(run.sessionId()),
        run.startedAt(),
        leadEmail(run),
        json(run.sent().path("uploads")),
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  private static StoredMessage answer(RunRequest run, RunResult result, Instant endedAt) {
    var output =
        result.records().isEmpty()
            ? JsonNodeFactory.instance.objectNode()
            : result.records().getLast().data().path("output");
    return new StoredMessage(
        run.answerId(),
        "apiMessage",
        run.flowId(),
        run.runId(),
        storable(result.text()),
        run.chatType(),
        storable(run.chatId()),
        storable(run.sessionId()),
        endedAt,
        leadEmail(run),
        null,
        json(output.path("sourceDocuments")),
        json(output.path("usedTools")),
        json(output.path("fileAnnotations")),
        json(output.path("artifacts")),
        json(output.path("reasonContent")),
        followUps(result),
        result.action() == null ? null : result.action().toString());
  }

  private static @Nullable String followUps(RunResult result) {
    if (result.followUpPrompts().isEmpty()) {
      return null;
    }
    var prompts = JsonNodeFactory.instance.arrayNode();
    result.followUpPrompts().forEach(prompts::add);
    return json(prompts);
  }

  /** The first that is there: question, a human's feedback, the form, the webhook's payload. */
  private static String questionText(RunRequest run) {
    var question = run.sent().path("question").asString("");
    if (!question.isEmpty()) {
      return question;
    }
    var feedback = run.sent().path("humanInput").path("feedback").asString("");
    if (!feedback.isEmpty()) {
      return feedback;
    }
    var form = run.sent().path("form");
    if (form.isObject()) {
      return form.properties().stream()
          .map(field -> field.getKey() + ": " + scalar(field.getValue()))
          .collect(Collectors.joining("\n"));
    }
    var webhook = run.sent().path("webhook");
    return webhook.isObject() && !webhook.isEmpty() ? webhook.toString() : " ";
  }

  private static String scalar(JsonNode value) {
    return value.isString() ? value.asString() : value.toString();
  }

  private static @Nullable String leadEmail(RunRequest run) {
    var email = run.text("leadEmail");
    return email.isEmpty() ? null : storable(email);
  }

  private static @Nullable String json(JsonNode value) {
    return value.isMissingNode() || value.isNull() || (value.isContainer() && value.isEmpty())
        ? null
        : value.toString();
  }

  static String storable(String text) {
    return text.contains(NUL) ? text.replace(NUL, "") : text;
  }

  /** Tells whether the run answers what an earlier one asked a human. */
  static boolean isResume(RunRequest run) {
    return run.sent().path("humanInput").isObject();
  }

  /** Returns what a human is asked, when the run stopped for one. */
  static @Nullable String openAction(RunResult result) {
    var action = result.action();
    return result.status() == RunStatus.STOPPED && action != null ? action.toString() : null;
  }
}
