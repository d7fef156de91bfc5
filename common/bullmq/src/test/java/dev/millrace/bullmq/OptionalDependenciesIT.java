package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.testing.TestRedis;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Without telemetry, its libraries need not be there. */
class OptionalDependenciesIT {
  private static final Pattern TELEMETRY = Pattern.compile("micrometer|opentelemetry|prometheus");

  /** Runs with a class path that has none of them. */
  public static final class Program {
    private Program() {}

    public static void run(String url) {
      try (var q = new TestQueue(url)) {
        q.start(_ -> null);
        var id = q.add("j").id();
        await().until(() -> q.queue.state(id) == JobState.COMPLETED);
      }
    }
  }

  @Test
  void aJobRunsWithoutTheLibrariesOfTelemetry() throws Exception {
    var path =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !TELEMETRY.matcher(entry).find())
            .map(OptionalDependenciesIT::url)
            .toArray(URL[]::new);
    try (var loader = new URLClassLoader(path, ClassLoader.getPlatformClassLoader())) {
      assertThatThrownBy(() -> loader.loadClass("io.opentelemetry.api.OpenTelemetry"))
          .isInstanceOf(ClassNotFoundException.class);
      var program = loader.loadClass(Program.class.getName());
      // Lettuce makes proxies with the thread's loader.
      var before = Thread.currentThread().getContextClassLoader();
      Thread.currentThread().setContextClassLoader(loader);
      try {
        program.getMethod("run", String.class).invoke(null, TestRedis.url());
      } finally {
        Thread.currentThread().setContextClassLoader(before);
      }
      assertThat(program.getClassLoader()).isSameAs(loader);
    }
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(entry, e);
    }
  }
}
