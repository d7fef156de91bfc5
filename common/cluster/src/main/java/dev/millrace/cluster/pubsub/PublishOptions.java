package dev.millrace.cluster.pubsub;

/**
 * Who hears a message.
 *
 * @param skipSelf whether the subscribers of the publishing node do not
 * @param onlySelf whether only they do; wins over {@code skipSelf}
 */
public record PublishOptions(boolean skipSelf, boolean onlySelf) {
  /** All nodes but the publishing one. */
  public static final PublishOptions DEFAULT = new PublishOptions(true, false);

  /** All nodes, the publishing one too. */
  public static final PublishOptions EVERYONE = new PublishOptions(false, false);

  /** The publishing node alone. */
  public static final PublishOptions ONLY_SELF = new PublishOptions(false, true);

  boolean reaches(boolean self) {
    return onlySelf ? self : !(skipSelf && self);
  }
}
