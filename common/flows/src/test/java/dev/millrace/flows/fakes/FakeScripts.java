package dev.millrace.flows.fakes;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.script.ScriptSandbox;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;

/**
 * Does not run scripts: returns their code as text, or what a test says.
 *
 * @param body what stands for running
 */
public record FakeScripts(BiFunction<Script, Cancellation, JsonNode> body)
    implements ScriptSandbox {
  public FakeScripts() {
    this((script, cancellation) -> Json.text(script.code()));
  }

  @Override
  public JsonNode run(Script script, Cancellation cancellation) {
    return body.apply(script, cancellation);
  }

  @Override
  public void close() {}
}
