package dev.millrace.cluster.events;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import dev.millrace.cluster.events.EventTransport.Attempt;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes events of a channel from RabbitMQ, which sends as many as there are slots. An event that is
 * not acknowledged when the AMQP channel ends, however that comes, goes to another consumer.
 */
final class RabbitSource implements EventSource {
  private final RabbitEventTransport transport;
  private final String channel;
  private final int slots;
  private @Nullable Stream stream;

  RabbitSource(RabbitEventTransport transport, String channel, int slots) {
    this.transport = transport;
    this.channel = channel;
    this.slots = slots;
  }

  @Override
  public synchronized @Nullable Delivery take(Duration limit) throws InterruptedException {
    try {
      var open = stream;
      if (open == null || !open.amqp.isOpen()) {
        open = new Stream(transport.openFor(channel));
        stream = open;
        open.begin();
      }
      return open.arrived.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (IOException | ShutdownSignalException e) {
      stream = null;
      throw transport.unavailable(channel, e);
    }
  }

  /** Ends the stream; events at work are acknowledged on its AMQP channel, which stays open. */
  @Override
  public synchronized void pause() {
    var open = stream;
    stream = null;
    if (open != null) {
      open.end();
    }
  }

  private final class Stream extends DefaultConsumer {
    private final Channel amqp;
    private final BlockingQueue<Delivery> arrived = new LinkedBlockingQueue<>();
    private int atWork;
    private boolean ending;

    Stream(Channel amqp) {
      super(amqp);
      this.amqp = amqp;
    }

    void begin() throws IOException {
      amqp.basicQos(Math.min(slots, 65_535));
      var _ = amqp.basicConsume(transport.queue(channel), false, this);
    }

    @Override
    public void handleDelivery(
        String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
      var attempt = RabbitMessages.attempt(properties, RabbitEventTransport.text(body));
      synchronized (this) {
        if (!ending) {
          atWork++;
          arrived.add(new Arrived(this, envelope.getDeliveryTag(), attempt));
          return;
        }
      }
      giveBack(envelope.getDeliveryTag());
    }

    void end() {
      synchronized (this) {
        ending = true;
      }
      try {
        amqp.basicCancel(getConsumerTag());
      } catch (IOException | ShutdownSignalException e) {
        // The AMQP channel is gone, and with it what was fetched ahead.
        return;
      }
      for (var each = arrived.poll(); each != null; each = arrived.poll()) {
        each.putBack();
      }
      closeWhenDone(0);
    }

    private void giveBack(long tag) {
      try {
        amqp.basicNack(tag, false, true);
      } catch (IOException | ShutdownSignalException e) {
        throw transport.unavailable(channel, e);
      }
    }

    private void closeWhenDone(int settled) {
      boolean close;
      synchronized (this) {
        atWork -= settled;
        close = ending && atWork == 0;
      }
      if (close) {
        RabbitLink.close(amqp);
      }
    }
  }

  private final class Arrived implements Delivery {
    private final Stream from;
    private final long tag;
    private final Attempt attempt;

    Arrived(Stream from, long tag, Attempt attempt) {
      this.from = from;
      this.tag = tag;
      this.attempt = attempt;
    }

    @Override
    public Attempt attempt() {
      return attempt;
    }

    @Override
    public void done() {
      try {
        from.amqp.basicAck(tag, false);
      } catch (IOException | ShutdownSignalException e) {
        throw transport.unavailable(channel, e);
      } finally {
        from.closeWhenDone(1);
      }
    }

    @Override
    public void failed(Throwable error) {
      var options = attempt.options();
      var failures = attempt.retried() + 1;
      if (failures <= options.maxRetries()) {
        var next = new Attempt(attempt.id(), attempt.message(), options, failures);
        transport.send(channel, next, options.backoff().after(failures));
      } else {
        transport.bury(channel, attempt, error);
      }
      done();
    }

    @Override
    public void putBack() {
      try {
        from.giveBack(tag);
      } finally {
        from.closeWhenDone(1);
      }
    }
  }
}
