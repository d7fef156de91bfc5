package dev.millrace.flows.net;

import java.net.UnknownHostException;

/** The guard refused an address. It is an unknown host to OkHttp, so that its contracts hold. */
final class RefusedAddressException extends UnknownHostException {
  private static final long serialVersionUID = 1L;

  RefusedAddressException(String host, String why) {
    super(
        "the host "
            + host
            + " is refused: "
            + why
            + "; if flows may reach it, add it to HTTP_ALLOW_LIST");
  }
}
