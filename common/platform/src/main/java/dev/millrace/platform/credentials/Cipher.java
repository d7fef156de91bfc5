package dev.millrace.platform.credentials;

/** Encrypts credentials at rest. Thread-safe. */
public interface Cipher {
  /** Returns the text to store. */
  String encrypt(String plain);

  /**
   * Returns the plain text.
   *
   * @param credentialName for the message only
   * @throws RuntimeException when it was encrypted with another key; the message says which
   *     credential and what to do
   */
  String decrypt(String encrypted, String credentialName);
}
