package dev.millrace.flows.script;

import dev.millrace.flows.engine.FlowException;
import org.jspecify.annotations.Nullable;

/** A script threw, or broke one of its limits; the message says which. */
public final class ScriptException extends FlowException {
  private static final long serialVersionUID = 1L;

  public ScriptException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
