package dev.millrace.platform.db;

/** What a client asked to store is not valid. The message is for the client, as a 400. */
public final class InvalidEntityException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InvalidEntityException(String message) {
    super(message);
  }
}
