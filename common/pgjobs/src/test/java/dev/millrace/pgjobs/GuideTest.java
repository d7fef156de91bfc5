package dev.millrace.pgjobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every Java snippet of the guide compiles. */
class GuideTest {
  private static final Pattern SNIPPET = Pattern.compile("(?ms)^```java\\n(.*?)^```$");

  @TempDir private Path classes;

  @Test
  void snippetsCompile() throws IOException {
    var sources = new ArrayList<Source>();
    var snippets = SNIPPET.matcher(Files.readString(guide()));
    while (snippets.find()) {
      var name = "Snippet" + (sources.size() + 1);
      sources.add(source(name, snippets.group(1)));
    }
    assertThat(sources).hasSizeGreaterThan(10);

    var messages = new StringWriter();
    var options = List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
    var compiled =
        ToolProvider.getSystemJavaCompiler()
            .getTask(messages, null, null, options, null, sources)
            .call();
    assertThat(compiled).as("%s", messages).isTrue();
  }

  private static Source source(String name, String snippet) {
    var imports = new StringBuilder();
    var body = new StringBuilder();
    snippet
        .lines()
        .forEach(line -> (line.startsWith("import ") ? imports : body).append(line).append('\n'));
    return new Source(name, frame(name, imports.toString(), body.toString()));
  }

  /**
   * Snippets take the imports and fields for granted; they may declare variables of those names.
   */
  private static String frame(String name, String imports, String body) {
    return """
    import dev.millrace.pgjobs.*;
    import dev.millrace.pgjobs.cron.*;
    import java.nio.file.Path;
    import java.time.*;
    import java.util.*;
    import javax.sql.DataSource;
    %s
    abstract class %s {
      DataSource dataSource;
      PgJobs jobs;
      Tasks tasks;
      JobRunner runner;
      abstract boolean quotaIsUsedUp();
      void snippet() throws Exception {
    %s
      }
    }
    """
        .formatted(imports, name, body);
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String name, String text) {
      super(URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  /** Looks upwards, since the module's folder is where tests run, or the root is. */
  private static Path guide() {
    for (var folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
      var guide = folder.resolve("docs/pgjobs.md");
      if (Files.exists(guide)) {
        return guide;
      }
    }
    throw new IllegalStateException("docs/pgjobs.md is not above " + Path.of("").toAbsolutePath());
  }
}
