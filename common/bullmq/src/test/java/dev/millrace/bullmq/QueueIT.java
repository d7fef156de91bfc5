package dev.millrace.bullmq;

import dev.millrace.testing.TestRedis;

/** The contract on the Redis of this machine. */
class QueueIT extends QueueContract {
  @Override
  String url() {
    return TestRedis.url();
  }
}
