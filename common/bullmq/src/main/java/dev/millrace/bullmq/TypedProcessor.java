package dev.millrace.bullmq;

import org.jspecify.annotations.Nullable;

/**
 * What a worker does with the data of a job. {@link #with} makes a {@link Processor} of it:
 *
 * <pre>{@code
 * TypedProcessor<Order, Receipt> ship = (order, job) -> shipping.ship(order);
 * Worker.start(redis, "orders", ship.with(JobCodec.json(Order.class), JobCodec.json(Receipt.class)),
 *     WorkerOptions.DEFAULT);
 * }</pre>
 *
 * @param <T> the data
 * @param <R> the result
 */
@FunctionalInterface
public interface TypedProcessor<T, R> {
  /**
   * Processes a job; see {@link Processor#process}.
   *
   * @return the result; null is stored as JSON null
   */
  @Nullable R process(T data, ActiveJob job) throws Exception;

  /** Returns this as a worker takes it. Data that does not fit the type fails the attempt. */
  default Processor with(JobCodec<T> dataCodec, JobCodec<R> resultCodec) {
    return job -> {
      var result = process(dataCodec.decode(job.job().data()), job);
      return result == null ? null : resultCodec.encode(result);
    };
  }
}
