package dev.millrace.platform.history;

/**
 * The buckets of a histogram of times: each is a tenth wider than the one before, so that what is
 * read from it is at most 5 % off, whatever the time.
 */
final class Buckets {
  private static final double RATIO = 1.1;
  private static final double LOG = Math.log(RATIO);

  /** Some 30 years. */
  private static final int LAST = 290;

  private Buckets() {}

  /** Returns the bucket of a time in ms; what is less than one is in the first. */
  static int of(long millis) {
    return millis <= 1 ? 0 : (int) Math.min(LAST, Math.ceil(Math.log((double) millis) / LOG));
  }

  /** Returns the middle of a bucket in ms. */
  static double middle(int bucket) {
    return bucket == 0 ? 1 : (Math.pow(RATIO, bucket - 1) + Math.pow(RATIO, bucket)) / 2;
  }
}
