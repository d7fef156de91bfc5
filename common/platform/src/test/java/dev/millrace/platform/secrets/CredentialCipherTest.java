package dev.millrace.platform.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.settings.Secret;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialCipherTest {
  /** Made by crypto-js, read back by {@code openssl enc -d -aes-256-cbc -md md5 -a}. */
  private static final String FROM_FLOWISE =
      "U2FsdGVkX19vmMRu8hk1/dJDIAHGPMbFYPWSi4Ka+KStU3pPvnNomVMrf4zKkgse";

  private final CredentialCipher cipher = cipher("test-passphrase");

  @Test
  void readsWhatFlowiseWrote() {
    assertThat(cipher.decrypt("credential", FROM_FLOWISE))
        .isEqualTo("{\"openAIApiKey\":\"sk-test\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"key\":\"välue 🔑\"}", "{\"block\":\"of exactly 32 bytes\"}"})
  void readsWhatItWrote(String json) {
    var encrypted = cipher.encrypt(json);

    assertThat(encrypted).startsWith("U2FsdGVkX1");
    assertThat(cipher.decrypt("credential", encrypted)).isEqualTo(json);
  }

  @Test
  void neverWritesTheSameTwice() {
    assertThat(cipher.encrypt("{}")).isNotEqualTo(cipher.encrypt("{}"));
  }

  @Test
  void aWrongKeyNamesTheCredentialAndSaysHowToShareOne() {
    var other = cipher("another");

    assertThatThrownBy(() -> other.decrypt("credential \"OpenAI\" (c1)", FROM_FLOWISE))
        .isInstanceOf(CredentialKeyException.class)
        .hasMessageContaining("credential \"OpenAI\" (c1) cannot be decrypted")
        .hasMessageContaining("from test (fingerprint " + other.keyFingerprint() + ")")
        .hasMessageContaining("SECRETKEY_PATH")
        .hasMessageContaining("FLOWISE_SECRETKEY_OVERWRITE");
  }

  @Test
  void noWrongKeyIsTakenForARightOne() {
    // One in 256 wrong keys yields valid padding; the text it then yields is no JSON object.
    for (var i = 0; i < 2000; i++) {
      var other = new CredentialCipher(new EncryptionKey(new Secret("key " + i), "test", "-"));
      assertThatThrownBy(() -> other.decrypt("credential", FROM_FLOWISE))
          .isInstanceOf(CredentialKeyException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "not base64!",
        "{\"plain\":1}",
        "U2FsdGVkX18=",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAA="
      })
  void whatIsInAnotherFormatIsNamed(String value) {
    assertThatThrownBy(() -> cipher.decrypt("credential \"OpenAI\"", value))
        .isInstanceOf(CredentialKeyException.class)
        .hasMessage(
            "credential \"OpenAI\" is not in the format of encrypted credentials; save it again");
  }

  private static CredentialCipher cipher(String passphrase) {
    return new CredentialCipher(EncryptionKey.of(new Secret(passphrase), "test"));
  }
}
