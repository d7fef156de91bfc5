package dev.millrace.flows.model;

/** An edge; the branch it leaves by is the number at the end of its source handle. */
public record FlowEdge(String source, String sourceHandle, String target) {

  /**
   * Returns the index of the output it leaves by, or -1 when its source has only one: a handle
   * reads {@code <source>-output-<index>}.
   */
  public int branch() {
    String prefix = source + "-output-";
    if (!sourceHandle.startsWith(prefix)) {
      return -1;
    }
    String index = sourceHandle.substring(prefix.length());
    boolean number =
        !index.isEmpty() && index.length() < 6 && index.chars().allMatch(c -> c >= '0' && c <= '9');
    return number ? Integer.parseInt(index) : -1;
  }
}
