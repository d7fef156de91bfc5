package dev.millrace.e2e;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;

/** Builds plugins as Maven would. */
final class PluginBuilder {
  private PluginBuilder() {}

  /**
   * Compiles and packs a plugin.
   *
   * @param project has the folders {@code java} and {@code resources}
   * @param home where the jar's folder is made
   * @return that folder
   */
  static Path build(Path project, Path home) throws IOException {
    var classes = Files.createDirectories(home.resolve("plugin-classes"));
    var command = new ArrayList<>(List.of("-d", classes.toString(), "-proc:none", "-cp"));
    command.add(System.getProperty("java.class.path"));
    try (var sources = Files.walk(project.resolve("java"))) {
      sources
          .filter(file -> file.toString().endsWith(".java"))
          .forEach(file -> command.add(file.toString()));
    }
    var errors = new ByteArrayOutputStream();
    var compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler.run(null, errors, errors, command.toArray(String[]::new)) != 0) {
      throw new AssertionError(errors.toString(StandardCharsets.UTF_8));
    }
    var folder = Files.createDirectories(home.resolve("plugins"));
    try (var jar = new JarOutputStream(Files.newOutputStream(folder.resolve("plugin.jar")))) {
      for (var root : List.of(classes, project.resolve("resources"))) {
        try (var files = Files.walk(root)) {
          for (var file : files.filter(Files::isRegularFile).toList()) {
            jar.putNextEntry(new ZipEntry(root.relativize(file).toString()));
            Files.copy(file, jar);
          }
        }
      }
    }
    return folder;
  }
}
