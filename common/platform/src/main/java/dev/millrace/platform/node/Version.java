package dev.millrace.platform.node;

/** Which Millrace this is. */
public final class Version {
  private Version() {}

  /** Returns the version of the build, {@code development} outside a jar. */
  public static String current() {
    var version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
