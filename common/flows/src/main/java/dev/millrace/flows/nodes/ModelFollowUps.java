package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.AnswerFilter;
import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.FlowCancelledException;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.engine.FollowUps;
import dev.millrace.flows.engine.Secrets;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.models.ChatModels;
import dev.millrace.flows.models.ChatModels.ChatListener;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Has a model think up what the user may ask next ({@code followUpPrompts} of a flow). What goes
 * wrong is logged, and nothing is suggested.
 */
final class ModelFollowUps implements FollowUps {
  private static final Logger LOG = LoggerFactory.getLogger(ModelFollowUps.class);

  /** What a client shows as buttons. */
  private static final int MOST = 10;

  private static final String UNSET_PROMPT =
      """
      Below is the latest answer of an assistant to its user. Write three short questions that the
      user may want to ask next, in the language of the answer.

      {history}\
      """;

  private final ChatModels models;

  ModelFollowUps(ChatModels models) {
    this.models = models;
  }

  @Override
  public List<String> after(String text, AnswerFilter.Run run, Secrets secrets) {
    JsonNode wanted = run.request().chatbotConfig().path("followUpPrompts");
    String provider = wanted.path("selectedProvider").asString("");
    if (!wanted.path("status").asBoolean(false)
        || !(wanted.get(provider) instanceof ObjectNode config)) {
      return List.of();
    }
    try {
      return questions(
          models.call(
              call(provider, config, text, secrets), ChatListener.NONE, run.cancellation()));
    } catch (FlowCancelledException e) {
      throw e;
    } catch (FlowException e) {
      LOG.warn(
          "The follow-up prompts of flow {} could not be made by {} (followUpPrompts): {}",
          run.request().flowId(),
          provider,
          e.getMessage());
      return List.of();
    }
  }

  private static ChatModels.Call call(
      String provider, ObjectNode config, String text, Secrets secrets) {
    String prompt = config.path("prompt").asString("");
    String credential = config.path("credentialId").asString("");
    return new ChatModels.Call(
        provider.equals("ollama") ? "chatOllama" : provider,
        config,
        credential.isEmpty() ? secrets.unnamed() : secrets.credential(credential),
        List.of(
            new ChatTurn(
                "user", (prompt.isBlank() ? UNSET_PROMPT : prompt).replace("{history}", text))),
        false,
        schema());
  }

  private static ObjectNode schema() {
    ObjectNode schema = Json.object().put("type", "object");
    schema.putObject("properties").putObject("questions").put("type", "array");
    ObjectNode questions = (ObjectNode) schema.at("/properties/questions");
    questions.putObject("items").put("type", "string");
    schema.putArray("required").add("questions");
    return schema.put("additionalProperties", false);
  }

  private static List<String> questions(ChatModels.Answer answer) {
    var questions = new ArrayList<String>();
    ObjectNode structured = answer.structured();
    if (structured != null) {
      for (JsonNode question : structured.path("questions")) {
        String asked = question.asString("").strip();
        if (!asked.isEmpty() && questions.size() < MOST) {
          questions.add(asked);
        }
      }
    }
    return questions;
  }
}
