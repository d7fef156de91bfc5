package dev.millrace.pgjobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.PGConnection;

@Timeout(20)
class PromptSocketFactoryTest {
  private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  private final Socket socket =
      new PromptSocketFactory().createSocket(server.getInetAddress(), server.getLocalPort());
  private final Socket peer = server.accept();

  PromptSocketFactoryTest() throws IOException {}

  @AfterEach
  void close() throws IOException {
    peer.close();
    socket.close();
    server.close();
  }

  @Test
  void aLookReadsWhatIsThereAndDoesNotWaitForMore() throws IOException {
    socket.setSoTimeout(1);
    var in = socket.getInputStream();
    assertThatThrownBy(in::read)
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessage("nothing has come yet");

    peer.getOutputStream().write(new byte[] {1, 2});
    socket.setSoTimeout(0);
    assertThat(in.read()).isEqualTo(1);
    socket.setSoTimeout(1);
    assertThat(in.read(new byte[8], 0, 8)).isEqualTo(1);
  }

  @Test
  void otherReadsWaitAsLongAsTheyAreTold() throws IOException {
    socket.setSoTimeout(30);
    assertThatThrownBy(socket.getInputStream()::read)
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessageNotContaining("nothing has come");

    socket.setSoTimeout(0);
    peer.close();
    assertThat(socket.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void manyNotificationsAreAllHeard() throws Exception {
    try (var t = new TestDatabase();
        var pool = OwnPool.open(t.db.jdbcUrl(), t.db.user(), t.db.password(), 6);
        var listening = pool.getConnection();
        var statement = listening.createStatement()) {
      statement.execute("LISTEN x");
      t.column("SELECT pg_notify('x', i::text) FROM generate_series(1, 50) i");

      var heard = 0;
      var postgres = listening.unwrap(PGConnection.class);
      while (heard < 50) {
        var notes = postgres.getNotifications(10_000);
        for (var note : notes) {
          heard++;
          assertThat(note.getParameter()).isEqualTo(Integer.toString(heard));
        }
      }
      assertThat(heard).isEqualTo(50);
    }
  }
}
