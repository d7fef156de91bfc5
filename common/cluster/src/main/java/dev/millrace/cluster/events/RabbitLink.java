package dev.millrace.cluster.events;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import dev.millrace.cluster.UnavailableException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This node's connection to RabbitMQ, opened when it is needed, and again when it broke. */
final class RabbitLink {
  private static final Logger LOG = LoggerFactory.getLogger(RabbitLink.class);
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);
  private static final Duration CALL_LIMIT = Duration.ofSeconds(5);

  private final ConnectionFactory factory = new ConnectionFactory();
  private final ReentrantLock connecting = new ReentrantLock();
  private @Nullable Connection connection;
  private boolean closed;

  RabbitLink(String uri) {
    try {
      factory.setUri(uri);
    } catch (URISyntaxException | GeneralSecurityException e) {
      throw new IllegalArgumentException("no address of a RabbitMQ server: " + e.getMessage(), e);
    }
    // Who uses it opens it anew; recovery behind our back would mix up delivery tags.
    factory.setAutomaticRecoveryEnabled(false);
    factory.setRequestedHeartbeat((int) HEARTBEAT.toSeconds());
    factory.setConnectionTimeout((int) CALL_LIMIT.toMillis());
    factory.setChannelRpcTimeout((int) CALL_LIMIT.toMillis());
  }

  /** Opens an AMQP channel; the caller closes it. */
  Channel channel() throws IOException {
    return connection().createChannel();
  }

  private Connection connection() throws IOException {
    connecting.lock();
    try {
      if (closed) {
        throw new UnavailableException("the connection to RabbitMQ is closed");
      }
      var present = connection;
      if (present == null || !present.isOpen()) {
        present = factory.newConnection("millrace-events");
        connection = present;
      }
      return present;
    } catch (TimeoutException e) {
      throw new IOException("no answer in " + CALL_LIMIT, e);
    } finally {
      connecting.unlock();
    }
  }

  void close() {
    connecting.lock();
    try {
      closed = true;
      if (connection != null) {
        connection.abort((int) CALL_LIMIT.toMillis());
      }
    } finally {
      connecting.unlock();
    }
  }

  UnavailableException unavailable(String what, Exception e) {
    return new UnavailableException(
        "RabbitMQ at "
            + factory.getHost()
            + ":"
            + factory.getPort()
            + " cannot be used for "
            + what
            + " ("
            + e
            + "); check that it runs and can be reached",
        e);
  }

  static void close(Channel channel) {
    try {
      if (channel.isOpen()) {
        channel.close();
      }
    } catch (IOException | TimeoutException | ShutdownSignalException e) {
      LOG.debug("an AMQP channel was closed already", e);
    }
  }
}
