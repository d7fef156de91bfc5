package dev.millrace.pgjobs;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Sockets for the PostgreSQL driver that let it hear a notification a millisecond earlier. The
 * driver, when it has got one, waits for a millisecond for another before it hands the first over:
 * it sets a read timeout of 1 ms and reads. These sockets answer such a read at once when nothing
 * has come.
 *
 * <p>For a data source of one's own: {@code socketFactory=dev.millrace.pgjobs.PromptSocketFactory}
 * among the driver's properties. Without it everything works, a little later. Safe for use by many
 * threads.
 */
public final class PromptSocketFactory extends SocketFactory {
  /** The driver's timeout when it only looks whether there is more. */
  private static final int LOOK_MS = 1;

  @Override
  public Socket createSocket() {
    return new PromptSocket();
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return connected(new InetSocketAddress(host, port), null);
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return connected(new InetSocketAddress(host, port), null);
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort)
      throws IOException {
    return connected(new InetSocketAddress(host, port), new InetSocketAddress(local, localPort));
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
      throws IOException {
    return connected(new InetSocketAddress(host, port), new InetSocketAddress(local, localPort));
  }

  private static Socket connected(InetSocketAddress remote, @Nullable InetSocketAddress local)
      throws IOException {
    var socket = new PromptSocket();
    try {
      if (local != null) {
        socket.bind(local);
      }
      socket.connect(remote);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static final class PromptSocket extends Socket {
    private volatile boolean onlyLooks;

    @Override
    public void setSoTimeout(int timeout) throws SocketException {
      onlyLooks = timeout == LOOK_MS;
      super.setSoTimeout(timeout);
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read() throws IOException {
          look();
          return super.read();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
          look();
          return super.read(bytes, offset, length);
        }

        private void look() throws IOException {
          if (onlyLooks && available() == 0) {
            throw new SocketTimeoutException("nothing has come yet");
          }
        }
      };
    }
  }
}
