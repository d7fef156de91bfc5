package dev.millrace.server.http;

/** A request without a valid API key where one is needed. */
public final class UnauthorizedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnauthorizedException() {
    super("Unauthorized Access");
  }
}
