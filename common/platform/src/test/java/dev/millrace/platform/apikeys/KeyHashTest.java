package dev.millrace.platform.apikeys;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeyHashTest {
  /** The vector of the specification, computed by Node's scrypt. */
  private static final String SECRET_OF_ABC =
      "8f5672e581019dcd52f403d7e656a864d842a1eb7ffc7f978557ea6e85f1cfcfe19a4134b665acd7d31a9498dc4a665ba31d5c18b0952758595646eaa432a50b"
          + ".0011223344556677";

  @Test
  void hashesLikeFlowise() {
    assertThat(KeyHash.secret("abc", "0011223344556677")).isEqualTo(SECRET_OF_ABC);
  }

  @Test
  void matchesOnlyTheKeyThatASecretWasMadeOf() {
    assertThat(KeyHash.matches("abc", SECRET_OF_ABC)).isTrue();
    assertThat(KeyHash.matches("abd", SECRET_OF_ABC)).isFalse();
    assertThat(KeyHash.matches("abc", "")).isFalse();
    assertThat(KeyHash.matches("abc", "no secret")).isFalse();
    var key = KeyHash.newKey();
    assertThat(KeyHash.matches(key, KeyHash.newSecret(key))).isTrue();
  }

  @Test
  void makesKeysOf32RandomBytes() {
    assertThat(KeyHash.newKey()).matches("[A-Za-z0-9_-]{43}").isNotEqualTo(KeyHash.newKey());
  }
}
