package dev.millrace.platform.secrets;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Encrypts the JSON objects that credentials are, in the format of Flowise's database columns: what
 * crypto-js makes of a passphrase, which is what {@code openssl enc -aes-256-cbc -md md5 -a} makes.
 * That is base64 of {@code Salted__}, eight bytes of salt, and AES-256-CBC under a key and IV
 * derived from passphrase and salt by one round of MD5. The format carries no proof of integrity,
 * so a wrong key is told by what it yields not being a JSON object. Thread-safe.
 */
public final class CredentialCipher {
  private static final byte[] MAGIC = "Salted__".getBytes(StandardCharsets.US_ASCII);
  private static final int SALT_BYTES = 8;
  private static final int KEY_BYTES = 32;
  private static final int IV_BYTES = 16;

  private final EncryptionKey key;
  private final SecureRandom random = new SecureRandom();
  private final JsonMapper json = JsonMapper.builder().build();

  public CredentialCipher(EncryptionKey key) {
    this.key = key;
  }

  /** Returns the fingerprint of the key in use, to be compared with that of other nodes. */
  public String keyFingerprint() {
    return key.fingerprint();
  }

  /**
   * Encrypts a JSON object; two calls yield two different texts.
   *
   * @param plainJson text of a JSON object
   */
  public String encrypt(String plainJson) {
    var salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    try {
      var cipher = cipher(Cipher.ENCRYPT_MODE, salt);
      var body = cipher.doFinal(plainJson.getBytes(StandardCharsets.UTF_8));
      var all = ByteBuffer.allocate(MAGIC.length + SALT_BYTES + body.length);
      return Base64.getEncoder().encodeToString(all.put(MAGIC).put(salt).put(body).array());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM lacks AES or MD5", e);
    }
  }

  /**
   * Decrypts what {@link #encrypt} or Flowise made.
   *
   * @param what names the value in the message of an error, e.g. {@code credential "OpenAI"}
   * @return text of a JSON object
   * @throws CredentialKeyException when it is not in the format, or another key encrypted it
   */
  public String decrypt(String what, String encrypted) {
    var bytes = decode(what, encrypted);
    var salt = Arrays.copyOfRange(bytes, MAGIC.length, MAGIC.length + SALT_BYTES);
    return decipher(bytes, salt)
        .filter(this::isJsonObject)
        .orElseThrow(() -> new CredentialKeyException(wrongKey(what)));
  }

  private static byte[] decode(String what, String encrypted) {
    try {
      var bytes = Base64.getMimeDecoder().decode(encrypted);
      var header = MAGIC.length + SALT_BYTES;
      if (bytes.length > header
          && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
          && (bytes.length - header) % IV_BYTES == 0) {
        return bytes;
      }
    } catch (IllegalArgumentException notBase64) {
      // Said below, as for everything else that is not in the format.
    }
    throw new CredentialKeyException(
        what + " is not in the format of encrypted credentials; save it again");
  }

  /** Returns the plain text, or nothing when it is none. */
  private Optional<String> decipher(byte[] bytes, byte[] salt) {
    try {
      var from = MAGIC.length + SALT_BYTES;
      var plain = cipher(Cipher.DECRYPT_MODE, salt).doFinal(bytes, from, bytes.length - from);
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(plain));
      return Optional.of(text.toString());
    } catch (GeneralSecurityException | CharacterCodingException wrongKey) {
      return Optional.empty();
    }
  }

  private boolean isJsonObject(String text) {
    try {
      return json.readTree(text).isObject();
    } catch (JacksonException e) {
      return false;
    }
  }

  private String wrongKey(String what) {
    return what
        + " cannot be decrypted with the key from "
        + key.origin()
        + " (fingerprint "
        + key.fingerprint()
        + "): another key encrypted it. Let server and workers share one key: the same"
        + " encryption.key by SECRETKEY_PATH, or the same FLOWISE_SECRETKEY_OVERWRITE; if that key"
        + " is lost, save the credential again";
  }

  /** Derives key and IV as OpenSSL's EVP_BytesToKey does with MD5 and one round. */
  private Cipher cipher(int mode, byte[] salt) throws GeneralSecurityException {
    var md5 = MessageDigest.getInstance("MD5");
    var passphrase = key.passphrase().reveal().getBytes(StandardCharsets.UTF_8);
    var derived = ByteBuffer.allocate(KEY_BYTES + IV_BYTES);
    var block = new byte[0];
    while (derived.hasRemaining()) {
      md5.update(block);
      md5.update(passphrase);
      block = md5.digest(salt);
      derived.put(block);
    }
    var material = derived.array();
    var cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
    cipher.init(
        mode,
        new SecretKeySpec(material, 0, KEY_BYTES, "AES"),
        new IvParameterSpec(material, KEY_BYTES, IV_BYTES));
    return cipher;
  }
}
