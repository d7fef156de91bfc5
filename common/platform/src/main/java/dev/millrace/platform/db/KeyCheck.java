package dev.millrace.platform.db;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out at the start, not in the middle of a flow, that processes do not share their key. */
public final class KeyCheck {
  private static final Logger LOG = LoggerFactory.getLogger(KeyCheck.class);
  private static final String SETTING = "encryption-key-fingerprint";

  private KeyCheck() {}

  /**
   * Compares this process's encryption key with the one of the process that came first.
   *
   * @param origin where this process has its key from, for the message
   * @return whether they are the same
   */
  public static boolean sharesKey(Database database, String fingerprint, String origin) {
    var first = new StoredSettings(database).putIfAbsent(SETTING, fingerprint);
    if (first.equals(fingerprint)) {
      return true;
    }
    LOG.error(
        "This process has another encryption key than the one credentials were first encrypted with:"
            + " {} ({}) instead of {}. Flows that use credentials will fail here. Give every server and"
            + " worker the same FLOWISE_SECRETKEY_OVERWRITE, or the same encryption.key through"
            + " SECRETKEY_PATH.",
        fingerprint,
        origin,
        first);
    return false;
  }
}
