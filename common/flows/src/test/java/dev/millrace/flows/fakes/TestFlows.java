package dev.millrace.flows.fakes;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.flows.model.Flow;
import dev.millrace.flows.model.FlowParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** The flows of the tests: resources of our own, and the captures when they are there. */
public final class TestFlows {
  private TestFlows() {}

  /** Reads a flow of our own. */
  public static Flow resource(String name) {
    return FlowParser.parse(text(name)).flow();
  }

  /** Reads the file of a flow of our own. */
  public static String text(String name) {
    try (var in = TestFlows.class.getResourceAsStream("/flows/" + name + ".json")) {
      byte[] bytes = Objects.requireNonNull(in, name).readAllBytes();
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads a captured file; skips the test when the captures are not there. */
  public static String shared(String path) {
    Path at = Path.of("").toAbsolutePath();
    while (at != null && !Files.isRegularFile(at.resolve("shared").resolve(path))) {
      at = at.getParent();
    }
    assumeTrue(at != null, "shared/" + path + " is not in any directory above this one");
    try {
      return Files.readString(Objects.requireNonNull(at).resolve("shared").resolve(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
