package dev.millrace.platform.plugins;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Compiles plugins and packs them into jars, as their authors do. */
final class PluginJars {
  private final Path folder;
  private final Map<String, String> resources = new LinkedHashMap<>();

  PluginJars(Path folder) {
    this.folder = folder;
  }

  /** Adds a file to the next jar. */
  PluginJars with(String name, String content) {
    resources.put(name, content);
    return this;
  }

  /** Adds a descriptor to the next jar. */
  PluginJars described(String name, String services) {
    return with(
        PluginDescriptor.FILE,
        "name=" + name + "\nversion=1.2\napi=1\nservices=" + services + "\n");
  }

  /**
   * Writes a jar.
   *
   * @param body of a class {@code example.Main implements Plugin}
   */
  void write(String file, String body) {
    with("META-INF/services/" + Plugin.class.getName(), "example.Main\n");
    var source =
        "package example; import dev.millrace.platform.plugins.*;"
            + "import dev.millrace.flows.engine.*; import dev.millrace.flows.model.Json;"
            + "public class Main implements Plugin { App app; "
            + body
            + "}";
    try {
      var classes = Files.createTempDirectory(folder.getParent(), "classes");
      compile(source, classes);
      try (var jar = new JarOutputStream(Files.newOutputStream(folder.resolve(file)));
          var compiled = Files.walk(classes)) {
        for (var path : compiled.filter(Files::isRegularFile).toList()) {
          jar.putNextEntry(new ZipEntry(classes.relativize(path).toString()));
          Files.copy(path, jar);
        }
        for (var resource : resources.entrySet()) {
          jar.putNextEntry(new ZipEntry(resource.getKey()));
          jar.write(resource.getValue().getBytes(StandardCharsets.UTF_8));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    resources.clear();
  }

  private static void compile(String text, Path classes) {
    var source =
        new SimpleJavaFileObject(
            URI.create("mem:///example/Main.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
          }
        };
    var errors = new StringWriter();
    var options =
        List.of(
            "-d", classes.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
    var task =
        ToolProvider.getSystemJavaCompiler()
            .getTask(errors, null, null, options, null, List.of(source));
    if (!task.call()) {
      throw new AssertionError(errors.toString());
    }
  }
}
