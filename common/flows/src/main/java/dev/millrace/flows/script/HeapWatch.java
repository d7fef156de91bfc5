package dev.millrace.flows.script;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.Optional;

/**
 * Finds the script that fills the heap. GraalVM can limit the heap of a context only in an isolate,
 * which the community runtime has not; so this looks at how much a script's thread allocated, and
 * at how full the old generation is. A script is stopped only when both are high: a lot of garbage
 * is fine, and a full heap is not the fault of a script that allocated little.
 *
 * <p>What this cannot prevent is a single huge allocation: it fails by itself, in the script's own
 * thread, with an OutOfMemoryError. A process that runs scripts must therefore not be started with
 * {@code -XX:+ExitOnOutOfMemoryError}.
 */
final class HeapWatch {
  private static final double FULL = 0.6;
  private static final double LARGE = 0.15;

  private final ThreadMXBean threads =
      (ThreadMXBean) ManagementFactory.getThreadMXBean(); // HotSpot's is always of this type
  private final Optional<MemoryPoolMXBean> old =
      ManagementFactory.getMemoryPoolMXBeans().stream()
          .filter(pool -> pool.getType() == MemoryType.HEAP)
          .filter(pool -> pool.getName().matches(".*(Old|Tenured).*"))
          .findFirst();
  private final long heap = Runtime.getRuntime().maxMemory();

  /** Returns how many bytes the thread allocated since it was started. */
  long allocated(Thread thread) {
    return Math.max(0, threads.getThreadAllocatedBytes(thread.threadId()));
  }

  /** Says whether a script that allocated so much has to go. */
  boolean threatens(long allocated) {
    return allocated > heap * LARGE && used() > heap * FULL;
  }

  private long used() {
    return old.map(pool -> pool.getUsage().getUsed())
        .orElseGet(() -> ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
  }
}
