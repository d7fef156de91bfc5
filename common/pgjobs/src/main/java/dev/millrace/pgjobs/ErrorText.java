package dev.millrace.pgjobs;

/** Makes of an error the text that is stored with a job. */
final class ErrorText {
  static final int LIMIT = 8_000;

  private ErrorText() {}

  /** Returns its message, or its type where it has none; at most {@link #LIMIT} characters. */
  static String of(Throwable error) {
    var message = error.getMessage();
    return clip(message == null || message.isBlank() ? error.getClass().getName() : named(error));
  }

  private static String named(Throwable error) {
    // "5" says little, "NumberFormatException: 5" more; those made for people speak for themselves.
    var isMeantForPeople =
        error instanceof PermanentFailureException
            || error instanceof BatchRun.PartialFailure
            || error instanceof PgJobsException
            || error.getClass() == RuntimeException.class
            || error.getClass() == Exception.class
            || error instanceof IllegalStateException;
    return isMeantForPeople
        ? String.valueOf(error.getMessage())
        : error.getClass().getSimpleName() + ": " + error.getMessage();
  }

  /** Returns the text as PostgreSQL can store it: not too long, without NUL or half characters. */
  static String clip(String text) {
    var end = Math.min(text.length(), LIMIT);
    if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    var clipped = text.substring(0, end).replace('\0', '\uFFFD');
    var clean = new StringBuilder(clipped.length());
    clipped
        .codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
        .forEach(clean::appendCodePoint);
    return end < text.length() ? clean.append("… (cut)").toString() : clean.toString();
  }
}
