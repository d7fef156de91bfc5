package dev.millrace.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.platform.settings.TrustProxy;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClientAddressTest {
  private static final List<String> HOPS = List.of("1.1.1.1", "2.2.2.2", "10.0.0.9");

  private static String seen(TrustProxy trust) {
    return new ClientAddress(trust).of("127.0.0.1", HOPS);
  }

  @Test
  void believesAsFarAsItIsTold() {
    assertThat(seen(new TrustProxy.Nobody())).isEqualTo("127.0.0.1");
    assertThat(seen(new TrustProxy.Everyone())).isEqualTo("1.1.1.1");
    assertThat(seen(new TrustProxy.Hops(1))).isEqualTo("10.0.0.9");
    assertThat(seen(new TrustProxy.Hops(2))).isEqualTo("2.2.2.2");
    assertThat(seen(new TrustProxy.Ranges(List.of("loopback", "10.0.0.0/8")))).isEqualTo("2.2.2.2");
    assertThat(seen(new TrustProxy.Ranges(List.of("10.0.0.0/8")))).isEqualTo("127.0.0.1");
  }
}
