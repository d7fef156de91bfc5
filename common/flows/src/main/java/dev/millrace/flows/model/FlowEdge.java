package dev.millrace.flows.model;

/** An edge; the branch it leaves by is the number at the end of its source handle. */
public record FlowEdge(String source, String sourceHandle, String target) {
  /** The branch that is taken when a node failed and its policy says so; an addition of ours. */
  public static final int ERROR = -2;

  /**
   * Returns the index of the output it leaves by, or -1 when its source has only one: a handle
   * reads {@code <source>-output-<index>}; {@link #ERROR} for {@code <source>-output-error}.
   */
  public int branch() {
    String prefix = source + "-output-";
    if (!sourceHandle.startsWith(prefix)) {
      return -1;
    }
    String index = sourceHandle.substring(prefix.length());
    if (index.equals("error")) {
      return ERROR;
    }
    boolean number =
        !index.isEmpty() && index.length() < 6 && index.chars().allMatch(c -> c >= '0' && c <= '9');
    return number ? Integer.parseInt(index) : -1;
  }
}
