package dev.millrace.flows.nodes;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.engine.Compat;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.model.JsonText;
import dev.millrace.flows.nodes.Prompt.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Puts together what a model is sent: the node's own messages and what it remembers (§4.2). */
final class PromptBuilder {
  private static final double DEFAULT_TOKEN_LIMIT = 2000;

  /** How many pictures of earlier questions are shown again, the newest. */
  private static final int MOST_PAST_PICTURES = 20;

  private final NodeContext context;
  private final ModelInputs inputs;
  private final Function<List<ChatTurn>, String> summariser;
  private final List<Message> messages = new ArrayList<>();
  private final List<ChatTurn> userTurns = new ArrayList<>();
  private final boolean first;
  private boolean asks = true;

  PromptBuilder(
      NodeContext context, ModelInputs inputs, Function<List<ChatTurn>, String> summariser) {
    this.context = context;
    this.inputs = inputs;
    this.summariser = summariser;
    this.first = context.runHistory().isEmpty();
  }

  Prompt build() {
    if (first) {
      given();
    }
    configured();
    if (inputs.flag("EnableMemory")) {
      remembered();
      String message = inputs.text("UserMessage");
      if (!message.isEmpty()) {
        add(new ChatTurn("user", message));
      }
    } else if (first) {
      question(userTurns.isEmpty()).forEach(this::add);
    }
    return new Prompt(messages, userTurns);
  }

  /**
   * Returns what the node remembers and nothing else, not even the question; nothing when its
   * memory is off.
   */
  List<ChatTurn> memoryOnly() {
    if (first) {
      given();
    }
    if (inputs.flag("EnableMemory")) {
      asks = false;
      remembered();
    }
    return turns(messages);
  }

  /** The conversation that the request brought along. */
  private void given() {
    for (JsonNode turn : context.request().input().path("history")) {
      String role = turn.path("role").asString("").equals("apiMessage") ? "assistant" : "user";
      add(new ChatTurn(role, turn.path("content").asString("")));
    }
  }

  private void configured() {
    boolean reversed = context.keeps(Compat.SYSTEM_MESSAGES_REVERSED);
    int systems = 0;
    for (ObjectNode row : inputs.rows("Messages")) {
      String role = row.path("role").asString("");
      String content = JsonText.of(row.path("content"));
      if (role.isEmpty() || content.isEmpty()) {
        continue;
      }
      var turn = new ChatTurn(role, content);
      if (role.equals("system")) {
        // To the front: in Flowise each before the last, so that several end up reversed.
        messages.add(reversed ? 0 : systems++, new Message(turn, false));
      } else {
        add(turn);
      }
      if (role.equals("user")) {
        userTurns.add(turn);
      }
    }
  }

  private void remembered() {
    switch (inputs.text("MemoryType")) {
      case "windowSize" -> {
        List<Message> all = memory(true);
        double window = inputs.number("MemoryWindowSize").orElse(Double.MAX_VALUE);
        int from = (int) Math.max(0, all.size() - 2 * window);
        messages.addAll(all.subList(Math.min(from, all.size()), all.size()));
      }
      case "conversationSummary" -> {
        List<ChatTurn> earlier = turns(memory(false));
        if (!earlier.isEmpty()) {
          add(new ChatTurn("assistant", summariser.apply(earlier)));
        }
        if (first && asks) {
          question(true).forEach(this::add);
        }
      }
      case "conversationSummaryBuffer" -> summarisedBeyond(memory(true));
      default -> messages.addAll(memory(true));
    }
  }

  /** Keeps the newest messages that fit, and a summary of the others. */
  private void summarisedBeyond(List<Message> all) {
    double limit = inputs.number("MemoryMaxTokenLimit").orElse(DEFAULT_TOKEN_LIMIT);
    long tokens = 0;
    int from = all.size();
    while (from > 0) {
      tokens += tokens(all.get(from - 1).turn());
      if (tokens > limit) {
        break;
      }
      from--;
    }
    if (from > 0) {
      String summary = summariser.apply(turns(all.subList(0, from)));
      boolean system = messages.stream().anyMatch(m -> m.turn().role().equals("system"));
      String role = system ? "user" : "system";
      add(new ChatTurn(role, "Previous conversation summary: " + summary));
    }
    messages.addAll(all.subList(from, all.size()));
  }

  /** A common estimate: four characters a token, with a little for the role. */
  private static long tokens(ChatTurn turn) {
    return (turn.role().length() + 2L + turn.content().length() + 3) / 4;
  }

  private List<Message> memory(boolean withQuestion) {
    var memory = new ArrayList<Message>();
    List<ChatTurn> past = context.pastHistory();
    int shown = firstShown(past);
    for (int i = 0; i < past.size(); i++) {
      if (i >= shown) {
        picture(past.get(i).role(), Images.ofPast(past.get(i), context), memory);
      }
      memory.add(new Message(past.get(i), true));
    }
    for (ChatTurn turn : context.runHistory()) {
      if (turn.images().isEmpty()) {
        memory.add(new Message(turn, false));
      } else {
        picture(turn.role(), Images.again(turn.images(), context), memory);
      }
    }
    if (withQuestion && first && asks) {
      question(true).forEach(turn -> memory.add(new Message(turn, false)));
    }
    return memory;
  }

  /** Returns the index of the first earlier message whose pictures are shown again. */
  private int firstShown(List<ChatTurn> past) {
    int from = past.size();
    int pictures = 0;
    while (from > 0) {
      pictures += Images.namedInPast(past.get(from - 1)).size();
      if (pictures > MOST_PAST_PICTURES) {
        break;
      }
      from--;
    }
    return from;
  }

  private void picture(String role, List<ChatTurn.Image> pictures, List<Message> memory) {
    if (!pictures.isEmpty() && Images.permitted(inputs)) {
      memory.add(new Message(new ChatTurn(role, "", pictures), false));
    }
  }

  /**
   * @param asked whether the question itself belongs to it, besides the pictures
   */
  private List<ChatTurn> question(boolean asked) {
    var turns = new ArrayList<ChatTurn>();
    List<ChatTurn.Image> images = Images.permitted(inputs) ? Images.of(context) : List.of();
    if (!images.isEmpty()) {
      turns.add(new ChatTurn("user", "", images));
    }
    String input = context.finalInput();
    if (asked && input != null && !input.isEmpty()) {
      turns.add(new ChatTurn("user", input));
    }
    return turns;
  }

  private void add(ChatTurn turn) {
    messages.add(new Message(turn, false));
  }

  private static List<ChatTurn> turns(List<Message> messages) {
    return messages.stream().map(Message::turn).toList();
  }
}
