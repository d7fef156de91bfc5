package dev.millrace.pgjobs;

/**
 * With which versions of graphile-worker the schema is shared: the revision that {@link
 * PgJobs#migrate} goes to. Each of them refuses schemas that broke with it, so the newest is only
 * right when no older one is used.
 */
public enum Compatibility {
  /** 0.16; its workers refuse revision 19 and newer. */
  V0_16(18),
  /** 0.17. */
  V0_17(19),
  /** 0.18 and, since revision 20 does not break with it, 0.17. */
  V0_18(20);

  private final int revision;

  Compatibility(int revision) {
    this.revision = revision;
  }

  int revision() {
    return revision;
  }
}
