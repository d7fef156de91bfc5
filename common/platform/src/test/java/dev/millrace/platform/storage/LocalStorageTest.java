package dev.millrace.platform.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.flows.engine.StoredFiles;
import dev.millrace.flows.engine.StoredFiles.Folder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of a folder that a Flowise server fills, and what is not. */
class LocalStorageTest {
  private static final Folder CHAT = Folder.ofChat("workspace", "flow", "chat");

  @TempDir Path folder;

  @Test
  void findsFilesWhereFlowisePutsThem() throws IOException {
    put("storage/org/flow/chat/a.png", "of a chat");
    put("storage/org/flow/a.yaml", "of a flow");
    put("storage/org/docustore/store/a.txt", "of a store");

    assertThat(read(CHAT, "a.png")).contains("of a chat");
    assertThat(read(Folder.ofFlow("workspace", "flow"), "a.yaml")).contains("of a flow");
    assertThat(read(Folder.ofDocuments("workspace", "store"), "a.txt")).contains("of a store");
    assertThat(read(CHAT, "b.png")).isEmpty();
    assertThat(read(Folder.ofChat("workspace", "flow", "another"), "a.png")).isEmpty();
    assertThat(read(Folder.ofFlow("workspace", "flow"), "chat")).as("a folder").isEmpty();
  }

  @Test
  void findsFilesOfBeforeThereWereOrganizations() throws IOException {
    put("storage/flow/chat/a.png", "old");
    put("storage/flow/chat/b.png", "old");
    put("storage/org/flow/chat/b.png", "new");

    assertThat(read(CHAT, "a.png")).contains("old");
    assertThat(read(CHAT, "b.png")).contains("new");
    assertThat(read(Folder.ofChat("unknown", "flow", "chat"), "b.png")).contains("old");
  }

  @Test
  void findsFilesWhoseNamesWereCleaned() throws IOException {
    put("storage/org/flow/chat/screen 1200.png", "cleaned");
    put("storage/org/flow/chat/hidden", "undotted");

    assertThat(read(CHAT, "screen 12:00?.png")).contains("cleaned");
    assertThat(read(CHAT, "..hidden")).contains("undotted");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../secret", "/etc/passwd", "..", ".", "", "a/../../../secret", "..\\a"})
  void refusesNamesThatLeadElsewhere(String name) throws IOException {
    put("storage/org/flow/secret", "secret");
    put("storage/org/flow/chat/a", "a");

    assertThatThrownBy(() -> read(CHAT, name)).hasMessageContaining("no name of a stored file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", ".", "a/../..", "../flow2", ""})
  void findsNothingForChatsThatLeadElsewhere(String chat) throws IOException {
    put("storage/org/secret", "secret");
    put("storage/org/flow/secret", "secret");
    put("storage/org/flow2/secret", "secret");
    put("storage/secret", "secret");

    assertThat(read(Folder.ofChat("workspace", "flow", chat), "secret")).isEmpty();
    assertThat(read(Folder.ofChat("..", "flow", chat), "secret")).isEmpty();
  }

  @Test
  void refusesLinksOutOfTheStorage() throws IOException {
    put("secret", "secret");
    put("storage/org/flow/chat/a", "a");
    Files.createSymbolicLink(
        folder.resolve("storage/org/flow/chat/link"), folder.resolve("secret"));

    assertThatThrownBy(() -> read(CHAT, "link")).hasMessageContaining("a link out of the storage");
  }

  @Test
  void refusesFilesThatAreTooLarge() throws IOException {
    put("storage/org/flow/chat/a", "");
    try (var file =
        new java.io.RandomAccessFile(folder.resolve("storage/org/flow/chat/a").toFile(), "rw")) {
      file.setLength(StoredFiles.LARGEST + 1L);
    }

    assertThatThrownBy(() -> read(CHAT, "a"))
        .hasMessageContaining("a has more than 16777216 bytes");
  }

  @Test
  void aStorageThatIsNotThereYetHasNothing() {
    assertThat(read(CHAT, "a.png")).isEmpty();
  }

  private Optional<String> read(Folder from, String name) {
    var storage =
        new LocalStorage(
            folder.resolve("storage"),
            id ->
                switch (id) {
                  case "workspace" -> Optional.of("org");
                  case ".." -> Optional.of("..");
                  default -> Optional.empty();
                });
    return storage.read(from, name).map(content -> new String(content, UTF_8));
  }

  private void put(String file, String content) throws IOException {
    var path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, content);
  }
}
