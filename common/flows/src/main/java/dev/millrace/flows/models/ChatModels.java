package dev.millrace.flows.models;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.model.Json;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Calls the chat models that flows name. Thread-safe; a call blocks its thread. */
public interface ChatModels {
  /** The node names of all models that this package can call. */
  Set<String> KNOWN = Collections.unmodifiableSet(Provider.ALL.keySet());

  /** Returns the node names that can be called, e.g. {@code chatOpenAI}. */
  Set<String> supported();

  /**
   * Calls a model once.
   *
   * @param listener hears the pieces of a streamed answer, on the calling thread's behalf, in order
   * @throws ModelException when the provider refuses, fails or does not answer in time
   * @throws dev.millrace.flows.engine.FlowCancelledException within 100 ms of a cancellation
   */
  Answer call(Call call, ChatListener listener, Cancellation cancellation);

  /**
   * One call.
   *
   * @param model the node name of the model, e.g. {@code chatOpenAI}
   * @param config its inputs as exported: {@code modelName}, {@code temperature}, {@code basepath},
   *     …; "" means unset, numbers may be strings
   * @param credential the decrypted credential, an empty object when there is none
   * @param messages what to send, in order
   * @param stream whether to use the provider's streaming API
   * @param schema a JSON Schema that the answer has to meet by a forced function call, or null
   * @param tools the functions it may call; not together with a schema
   * @param builtIn tools of the provider itself, e.g. {@code googleSearch}
   * @param rounds what it called already in answer to these messages, in order
   */
  record Call(
      String model,
      ObjectNode config,
      ObjectNode credential,
      List<ChatTurn> messages,
      boolean stream,
      @Nullable ObjectNode schema,
      List<ToolSpec> tools,
      List<String> builtIn,
      List<ToolRound> rounds) {
    public Call {
      messages = List.copyOf(messages);
      tools = List.copyOf(tools);
      builtIn = List.copyOf(builtIn);
      rounds = List.copyOf(rounds);
    }

    /** A call without tools. */
    public Call(
        String model,
        ObjectNode config,
        ObjectNode credential,
        List<ChatTurn> messages,
        boolean stream,
        @Nullable ObjectNode schema) {
      this(model, config, credential, messages, stream, schema, List.of(), List.of(), List.of());
    }

    /** Returns the same call of another model; the tools of one provider are not another's. */
    public Call of(String other, ObjectNode itsConfig, ObjectNode itsCredential) {
      return new Call(
          other,
          itsConfig,
          itsCredential,
          messages,
          stream,
          schema,
          tools,
          other.equals(model) ? builtIn : List.of(),
          rounds);
    }
  }

  /**
   * A whole answer.
   *
   * @param text its text
   * @param structured the arguments of the forced function call, when a schema was given
   * @param thinking the reasoning text, or null
   * @param usage {@code input_tokens}, {@code output_tokens}, {@code total_tokens}, …; empty when
   *     the provider told nothing
   * @param response {@code finish_reason}, {@code model_name}, {@code usage}, … of the provider
   * @param calls the functions that it wants called before it goes on
   * @param carry what the provider wants to see again in {@link ToolRound#carry}; may be empty
   * @param made what tools of the provider itself did and made
   */
  record Answer(
      String text,
      @Nullable ObjectNode structured,
      @Nullable String thinking,
      ObjectNode usage,
      ObjectNode response,
      List<ToolRound.Call> calls,
      ObjectNode carry,
      Made made) {
    public Answer {
      calls = List.copyOf(calls);
    }

    /** An answer of a model that did everything itself. */
    public Answer(
        String text,
        @Nullable ObjectNode structured,
        @Nullable String thinking,
        ObjectNode usage,
        ObjectNode response,
        List<ToolRound.Call> calls,
        ObjectNode carry) {
      this(text, structured, thinking, usage, response, calls, carry, Made.NOTHING);
    }

    /** Returns the same answer with another usage. */
    public Answer withUsage(ObjectNode other) {
      return new Answer(text, structured, thinking, other, response, calls, carry, made);
    }

    /** An answer that calls nothing. */
    public Answer(
        String text,
        @Nullable ObjectNode structured,
        @Nullable String thinking,
        ObjectNode usage,
        ObjectNode response) {
      this(text, structured, thinking, usage, response, List.of(), Json.object());
    }
  }

  /**
   * What tools of the provider itself did for an answer.
   *
   * @param usedTools rows of {@code {tool, toolInput, toolOutput}}
   * @param files in the order in which they were made
   */
  record Made(List<ObjectNode> usedTools, List<MadeFile> files) {
    /** Of a model that has no such tools. */
    public static final Made NOTHING = new Made(List.of(), List.of());

    public Made {
      usedTools = List.copyOf(usedTools);
      files = List.copyOf(files);
    }
  }

  /**
   * A file that a model made.
   *
   * @param name without a path
   * @param mime e.g. {@code image/png}
   * @param base64 its bytes
   */
  record MadeFile(String name, String mime, String base64) {}

  /** Hears a streamed answer. Must not block for long: the provider's socket waits. */
  interface ChatListener {
    /** Hears nothing. */
    ChatListener NONE =
        new ChatListener() {
          @Override
          public void token(String piece) {}
        };

    void token(String piece);

    default void thinking(String piece) {}
  }
}
