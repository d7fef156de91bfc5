package dev.millrace.platform.settings;

import static dev.millrace.platform.settings.Variable.optional;
import static dev.millrace.platform.settings.Variable.withDefault;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The storage of a Flowise server whose files flows name.
 *
 * @param type always {@code local}
 * @param folder where it is; null when there is none
 */
public record StorageSettings(String type, @Nullable Path folder) {
  private static final Variable<String> STORAGE_TYPE =
      withDefault(
          "STORAGE_TYPE",
          new Syntax<>(
              "local; the files of a Flowise on s3, gcs or azure cannot be read, so leave it unset"
                  + " and upload again what flows need",
              text -> Syntax.require(text.equals("local"), text)),
          "local",
          "Where Flowise keeps its files; only local is read");
  private static final Variable<String> BLOB_STORAGE_PATH =
      optional(
          "BLOB_STORAGE_PATH",
          Syntax.folder(),
          "stored files of Flowise are not read",
          "Folder of Flowise's stored files, shared with this process: uploads of earlier chats,"
              + " FILE-STORAGE:: inputs");

  static final List<Variable<?>> VARIABLES = List.of(STORAGE_TYPE, BLOB_STORAGE_PATH);

  static StorageSettings read(Values values) {
    return new StorageSettings(values.get(STORAGE_TYPE), values.findPath(BLOB_STORAGE_PATH));
  }
}
