package dev.millrace.platform.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.platform.settings.Secret;
import dev.millrace.platform.settings.SecretSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncryptionKeyTest {
  @TempDir Path folder;

  @Test
  void isMadeOnceForItsOwnerOnly() throws IOException {
    var key = EncryptionKey.findOrCreate(in(folder.resolve("new/folder")));
    var file = folder.resolve("new/folder/encryption.key");

    assertThat(EncryptionKey.findOrCreate(in(folder.resolve("new/folder")))).isEqualTo(key);
    assertThat(Base64.getDecoder().decode(Files.readString(file))).hasSize(24);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(file.getParent()).isDirectoryNotContaining("glob:**.new");
    assertThat(key.origin()).isEqualTo(file.toString());
  }

  @Test
  void isTakenAsItIsWithItsLineEnd() throws IOException {
    Files.writeString(folder.resolve("encryption.key"), "phrase\n");

    assertThat(EncryptionKey.findOrCreate(in(folder)).passphrase())
        .isEqualTo(new Secret("phrase\n"));
  }

  @Test
  void isNotLookedForWhenAPassphraseIsSet() {
    var settings = new SecretSettings(new Secret("phrase"), folder, null);

    var key = EncryptionKey.findOrCreate(settings);

    assertThat(key.passphrase()).isEqualTo(new Secret("phrase"));
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void isTheSameForAllThatMakeItAtTheSameTime() throws Exception {
    var threads = 16;
    var start = new CountDownLatch(1);
    var tasks = new ArrayList<Callable<EncryptionKey>>();
    for (var i = 0; i < threads; i++) {
      tasks.add(() -> {
        start.await();
        return EncryptionKey.findOrCreate(in(folder));
      });
    }
    var keys = new HashSet<EncryptionKey>();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var futures = tasks.stream().map(executor::submit).toList();
      start.countDown();
      for (var future : futures) {
        keys.add(future.get());
      }
    }
    assertThat(keys).hasSize(1);
  }

  @Test
  void fingerprintsAreEqualWhenKeysAre() {
    var one = EncryptionKey.of(new Secret("one"), "a");

    assertThat(one.fingerprint()).matches("[0-9a-f]{8}");
    assertThat(EncryptionKey.of(new Secret("one"), "b").fingerprint()).isEqualTo(one.fingerprint());
    assertThat(EncryptionKey.of(new Secret("two"), "a").fingerprint())
        .isNotEqualTo(one.fingerprint());
    assertThat(one.toString()).doesNotContain("Secret[").contains("***");
  }

  @Test
  void anEmptyFileAndAFolderThatCannotBeMadeAreErrors() throws IOException {
    Files.writeString(folder.resolve("encryption.key"), "\n");

    assertThatThrownBy(() -> EncryptionKey.findOrCreate(in(folder)))
        .isInstanceOf(EncryptionKeyException.class)
        .hasMessageContaining("encryption.key is empty");
    assertThatThrownBy(() -> EncryptionKey.findOrCreate(in(Path.of("/dev/null/x"))))
        .isInstanceOf(EncryptionKeyException.class)
        .hasMessageContaining("SECRETKEY_PATH");
  }

  private static SecretSettings in(Path keyFolder) {
    return new SecretSettings(null, keyFolder, null);
  }
}
