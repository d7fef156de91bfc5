package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.testing.TestRedis;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is broken by hand is seen: a look that finds nothing would say nothing. */
class InvariantsAtWorkIT {
  private final TestQueue q = new TestQueue(TestRedis.url());
  private final InvariantsAtWork invariants =
      new InvariantsAtWork(q.redis(), new Keys("bull", q.name));

  @AfterEach
  void close() {
    q.close();
  }

  private void assertFound(String found) {
    assertThatThrownBy(invariants::check).hasMessageContaining(found);
    q.redis().del(q.redis().keys(q.key("*")).toArray(String[]::new));
    invariants.check();
  }

  @Test
  void jobsInNoPlaceOrTwo() {
    q.add("j");
    invariants.check();
    q.redis().del(q.key("wait"));
    assertFound("I1 1 is nowhere");
    q.add("j");
    q.redis().zadd(q.key("delayed"), 1, "1");
    assertFound("I1 1 in delayed and wait");
    q.redis().lpush(q.key("wait"), "ghost");
    assertFound("I1 ghost in wait has no hash");
  }

  @Test
  void locksOfJobsThatAreNotActive() {
    q.add("j");
    q.redis().set(q.key("1:lock"), "token");
    assertFound("I2 1 is locked in wait");
  }

  @Test
  void familiesThatDoNotKnowEachOther() {
    q.redis().hset(q.key("p"), Map.of("timestamp", "1"));
    q.redis().zadd(q.key("waiting-children"), 1, "p");
    assertFound("I3 p waits for nothing");
    q.add("j");
    q.redis().hset(q.key("1"), "parentKey", q.key("other"));
    q.redis().sadd(q.key("p:dependencies"), q.key("1"));
    assertFound("I4 " + q.key("1"));
  }

  @Test
  void keysWithoutWhatTheyAreFor() {
    q.redis().set(q.key("de:x"), "gone");
    assertFound("I5 de:x belongs to gone in no place");
    q.redis().zadd(q.key("repeat"), 7, "s");
    assertFound("I6 repeat:s:7 is nowhere");
    q.redis().lpush(q.key("metrics:completed:data"), "3", "4");
    q.redis().hset(q.key("metrics:completed"), "count", "6");
    assertFound("I9 completed 7 of 6");
  }

  @Test
  void attemptsThatNeverBegan() {
    q.add("j");
    q.redis().hset(q.key("1"), Map.of("atm", "2", "ats", "1"));
    assertFound("I8 1 2 of 1");
  }
}
