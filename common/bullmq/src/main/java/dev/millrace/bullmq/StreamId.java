package dev.millrace.bullmq;

/** The id of a stream entry, which orders entries. */
record StreamId(long millis, long sequence) implements Comparable<StreamId> {
  static StreamId of(String text) {
    var dash = text.indexOf('-');
    return dash < 0
        ? new StreamId(Long.parseLong(text), 0)
        : new StreamId(
            Long.parseLong(text.substring(0, dash)), Long.parseLong(text.substring(dash + 1)));
  }

  @Override
  public int compareTo(StreamId other) {
    var byTime = Long.compare(millis, other.millis);
    return byTime != 0 ? byTime : Long.compareUnsigned(sequence, other.sequence);
  }
}
