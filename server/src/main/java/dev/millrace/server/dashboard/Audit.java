package dev.millrace.server.dashboard;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes into the log who did what. Thread-safe. */
final class Audit {
  /** A name of its own, so that these lines can be sent elsewhere. */
  private static final Logger LOG = LoggerFactory.getLogger("dev.millrace.audit");

  private static final int LONGEST = 200;

  /**
   * Something that was done, or refused.
   *
   * @param who the name of a key, or {@code nobody}
   * @param address where they are
   * @param action e.g. {@code PUT /api/queues/:queue/pause}
   * @param target e.g. {@code queue=a id=7}; empty for none
   */
  void log(String who, String address, String action, String target, int status) {
    LOG.atInfo()
        .addKeyValue("who", clean(who))
        .addKeyValue("address", clean(address))
        .addKeyValue("action", action)
        .addKeyValue("target", clean(target))
        .addKeyValue("status", status)
        .log(
            "dashboard: {} at {}: {}{} answered {}",
            clean(who),
            clean(address),
            action,
            target.isEmpty() ? "" : " (" + clean(target) + ")",
            status);
  }

  /** Names and ids are anybody's; a line stays one line. */
  private static String clean(String text) {
    var line = text.replaceAll("\\p{Cntrl}", "?");
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }
}
