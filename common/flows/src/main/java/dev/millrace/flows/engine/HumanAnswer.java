package dev.millrace.flows.engine;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a human answered to the question with which a node had paused its run.
 *
 * @param type {@code proceed} or {@code reject}
 * @param feedback what was said with it, null when nothing was
 * @param question the record with which the node paused: its {@code data.input}, {@code
 *     data.output} and {@code data.output.humanInputAction}
 * @param checkpoint what the node kept in {@link NodeOutcome.Paused}; empty when the pause was made
 *     by a Flowise server, which keeps nothing but the record. Not to be changed
 */
public record HumanAnswer(
    String type, @Nullable String feedback, NodeRecord question, ObjectNode checkpoint) {
  public static final String PROCEED = "proceed";
  public static final String REJECT = "reject";

  /**
   * Makes sure that what came as {@code humanInput} can be an answer, or is absent.
   *
   * @throws FlowException when it is something else than an object
   */
  public static void checkForm(JsonNode humanInput) {
    if (!humanInput.isMissingNode() && !humanInput.isNull() && !humanInput.isObject()) {
      throw new FlowException(
          "humanInput has to be an object {type: \"proceed\" or \"reject\", startNodeId?, feedback?},"
              + " and is "
              + humanInput.getNodeType().name().toLowerCase(Locale.ROOT)
              + ".");
    }
  }

  public boolean proceeds() {
    return type.equals(PROCEED);
  }

  /**
   * Makes sure that the answer is one.
   *
   * @param node which had asked, for the message
   * @throws FlowException when its type is neither of the two
   */
  public void check(String node) {
    if (!type.equals(PROCEED) && !type.equals(REJECT)) {
      throw new FlowException(
          "The answer to "
              + node
              + " is of type \""
              + type
              + "\": humanInput.type has to be \"proceed\" or \"reject\".");
    }
  }
}
