package dev.millrace.platform.secrets;

/** An encrypted value cannot be read, nearly always because another key encrypted it. */
public final class CredentialKeyException extends RuntimeException {
  private static final long serialVersionUID = 1;

  CredentialKeyException(String message) {
    super(message);
  }
}
