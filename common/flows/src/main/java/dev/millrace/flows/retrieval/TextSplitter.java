package dev.millrace.flows.retrieval;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a text where it breaks best: at the first of the separators that it has, then what is still
 * too long at the next. Neighbouring parts are put together again up to the size, and a piece
 * begins with the last parts of the one before, up to the overlap. Lengths are in UTF-16 units.
 *
 * @param separators from the strongest to the weakest; "" cuts anywhere. What is too long after the
 *     last one stays so
 * @param keep whether a part begins with its separator; otherwise separators between two pieces are
 *     dropped
 */
record TextSplitter(int size, int overlap, List<String> separators, boolean keep) {
  TextSplitter {
    separators = List.copyOf(separators);
  }

  /** Returns the pieces in order, without white space at their ends; none is blank. */
  List<String> split(String text) {
    var pieces = new ArrayList<String>();
    split(text, 0, pieces);
    return pieces;
  }

  private void split(String text, int from, List<String> pieces) {
    int at = from;
    while (at < separators.size() - 1 && !text.contains(separators.get(at))) {
      at++;
    }
    String separator = at < separators.size() ? separators.get(at) : "";
    if (separator.isEmpty()) {
      cutAnywhere(text, pieces);
      return;
    }
    var fitting = new ArrayList<String>();
    for (String part : parts(text, separator)) {
      if (part.length() <= size || at == separators.size() - 1) {
        fitting.add(part);
        continue;
      }
      merge(fitting, separator, pieces);
      fitting.clear();
      split(part, at + 1, pieces);
    }
    merge(fitting, separator, pieces);
  }

  private List<String> parts(String text, String separator) {
    var parts = new ArrayList<String>();
    int begin = 0;
    int found = text.indexOf(separator);
    while (found >= 0) {
      if (found > begin) {
        parts.add(text.substring(begin, found));
      }
      begin = keep ? found : found + separator.length();
      found = text.indexOf(separator, found + separator.length());
    }
    if (begin < text.length()) {
      parts.add(text.substring(begin));
    }
    return parts;
  }

  private void merge(List<String> parts, String separator, List<String> pieces) {
    String glue = keep ? "" : separator;
    var window = new ArrayDeque<String>();
    int length = 0;
    boolean fresh = false; // whether the window has a part that no piece has yet
    for (String part : parts) {
      if (!window.isEmpty() && length + glue.length() + part.length() > size) {
        add(String.join(glue, window), pieces);
        while (!window.isEmpty()
            && (length > overlap || length + glue.length() + part.length() > size)) {
          length -= window.removeFirst().length() + (window.isEmpty() ? 0 : glue.length());
        }
      }
      length += part.length() + (window.isEmpty() ? 0 : glue.length());
      window.addLast(part);
      fresh = true;
    }
    if (fresh) {
      add(String.join(glue, window), pieces);
    }
  }

  private void cutAnywhere(String text, List<String> pieces) {
    int begin = 0;
    while (begin < text.length()) {
      int end = whole(text, Math.min(text.length(), begin + size));
      end = end <= begin ? Math.min(text.length(), begin + 2) : end;
      add(text.substring(begin, end), pieces);
      if (end == text.length()) {
        return;
      }
      begin = Math.max(begin + 1, whole(text, end - overlap));
      begin = whole(text, begin) == begin ? begin : begin + 1;
    }
  }

  /** Returns the place, or the one before when it is in the middle of a character. */
  private static int whole(String text, int place) {
    return place > 0
            && place < text.length()
            && Character.isLowSurrogate(text.charAt(place))
            && Character.isHighSurrogate(text.charAt(place - 1))
        ? place - 1
        : place;
  }

  private static void add(String piece, List<String> pieces) {
    String stripped = piece.strip();
    if (!stripped.isEmpty()) {
      pieces.add(stripped);
    }
  }
}
