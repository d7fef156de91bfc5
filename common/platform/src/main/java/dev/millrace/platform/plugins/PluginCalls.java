package dev.millrace.platform.plugins;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Calls a plugin so that neither its errors nor its slowness are ours. */
final class PluginCalls {
  private PluginCalls() {}

  /** A method of a plugin. */
  interface Call {
    void run() throws Exception;
  }

  /**
   * Calls a method, on a thread of its own that sees the plugin's classes.
   *
   * @param what for the message, e.g. {@code load()}
   * @throws PluginException when it throws, whatever that is, or takes too long
   */
  static void run(String what, ClassLoader loader, Duration limit, Call call)
      throws InterruptedException {
    var done = new CompletableFuture<Void>();
    var thread =
        Thread.ofPlatform()
            .daemon()
            .name("plugin " + what)
            .unstarted(() -> {
              try {
                call.run();
                done.complete(null);
              } catch (
                  Throwable e) { // an Error of a plugin is the plugin's, such as a missing class
                done.completeExceptionally(e);
              }
            });
    thread.setContextClassLoader(loader);
    thread.start();
    try {
      done.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      thread.interrupt();
      throw new PluginException(what + " took longer than " + limit.toSeconds() + " s");
    } catch (ExecutionException e) {
      throw new PluginException(what + " failed: " + e.getCause(), e);
    }
  }
}
