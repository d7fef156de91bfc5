package dev.millrace.platform.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.embedded.StoreRecord.Running;
import dev.millrace.platform.settings.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreRecordTest {
  @TempDir Path folder;

  private final Running self = Running.self();

  @Test
  void survivesWritingAndReadingInAFileOfItsOwner() throws IOException {
    var file = folder.resolve("postgres.json");
    var record = new StoreRecord(15432, new Secret("pw"), self, List.of(self));

    record.write(file);

    var read = StoreRecord.read(file).orElseThrow();
    assertThat(read.port()).isEqualTo(15432);
    assertThat(read.password()).isEqualTo(new Secret("pw"));
    assertThat(read.isLive()).isTrue();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(folder).isDirectoryNotContaining("glob:**.new");
  }

  @Test
  void aNumberThatAnotherProcessHasNowIsNotAlive() {
    var before = new Running(self.pid(), self.started().minus(Duration.ofMinutes(1)));

    assertThat(new StoreRecord(1, new Secret("pw"), self, List.of(before)).isLive()).isFalse();
    assertThat(new StoreRecord(1, new Secret("pw"), before, List.of(self)).isLive()).isFalse();
  }

  @Test
  void aStoreThatIsStoppedOrNotReadyIsNotAlive() {
    var record = new StoreRecord(1, new Secret("pw"), self, List.of(self));

    assertThat(record.stopped().isLive()).isFalse();
    assertThat(new StoreRecord(1, new Secret("pw"), null, List.of(self)).isLive()).isFalse();
  }

  @Test
  void aFileThatIsNoRecordIsNone() throws IOException {
    assertThat(StoreRecord.read(folder.resolve("none"))).isEmpty();
    assertThat(StoreRecord.read(Files.writeString(folder.resolve("a"), "{\"port\":"))).isEmpty();
    assertThat(StoreRecord.read(Files.writeString(folder.resolve("b"), "{}"))).isEmpty();
  }
}
