package dev.millrace.flows.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import javax.net.SocketFactory;

/**
 * Sockets that ask the policy at the moment of connecting. OkHttp does not send literal addresses
 * (and what the JDK takes for one, as {@code 2130706433}) through its {@code Dns}; they end here.
 */
final class GuardedSockets extends SocketFactory {
  private final AddressPolicy policy;

  GuardedSockets(AddressPolicy policy) {
    this.policy = policy;
  }

  @Override
  public Socket createSocket() {
    return new GuardedSocket(policy);
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return connected(new InetSocketAddress(host, port));
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return createSocket(host, port);
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return connected(new InetSocketAddress(host, port));
  }

  @Override
  public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
      throws IOException {
    return createSocket(address, port);
  }

  private Socket connected(InetSocketAddress address) throws IOException {
    var socket = createSocket();
    socket.connect(address);
    return socket;
  }

  private static final class GuardedSocket extends Socket {
    private final AddressPolicy policy;

    GuardedSocket(AddressPolicy policy) {
      this.policy = policy;
    }

    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
      if (!(endpoint instanceof InetSocketAddress target) || target.getAddress() == null) {
        throw new IOException("cannot connect to the unresolved address " + endpoint);
      }
      var refusal = policy.refusal(target.getHostString(), target.getAddress());
      if (refusal.isPresent()) {
        throw new RefusedAddressException(
            target.getHostString(), target.getAddress().getHostAddress() + ": " + refusal.get());
      }
      super.connect(endpoint, timeout);
    }
  }
}
