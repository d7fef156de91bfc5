package dev.millrace.server.http;

import io.javalin.http.Context;

/** Reads query parameters. */
public final class Query {
  private Query() {}

  /**
   * Returns a whole number.
   *
   * @throws ApiException 400 when it is none
   */
  public static int number(Context ctx, String parameter, int absent) {
    var value = ctx.queryParam(parameter);
    if (value == null || value.isBlank()) {
      return absent;
    }
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new ApiException(400, parameter + " has to be a whole number, not " + value);
    }
  }
}
