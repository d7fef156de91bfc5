package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.lettuce.core.RedisURI;
import io.lettuce.core.SslVerifyMode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Which topologies there are, and which queues they serve. */
class TopologyTest {
  private static final RedisURI SEED = RedisURI.create("redis://127.0.0.1:7000");

  @Test
  void anAddressSaysWhatItIs() {
    assertThat(Topology.of(SEED)).isInstanceOf(Topology.Standalone.class);
    assertThat(Topology.of(RedisURI.create("redis-sentinel://a:26379,b:26379/0#main")))
        .isInstanceOf(Topology.Sentinel.class);
  }

  @Test
  void aClusterNeedsAHashTag() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Topology.cluster("bull", SEED))
        .withMessageContaining("the prefix needs a hash tag, e.g. {bull} instead of bull");
    assertThatIllegalArgumentException().isThrownBy(() -> Topology.cluster("b{}ull", SEED));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Topology.Cluster(java.util.List.of(), "{b}"));
  }

  @Test
  void aClusterServesTheQueuesOfItsSlot() {
    var cluster = new Topology.Cluster(java.util.List.of(SEED), "{bull}");

    assertThatCode(() -> cluster.requireSlotOf(new Keys("{bull}", "q"))).doesNotThrowAnyException();
    assertThatCode(() -> cluster.requireSlotOf(new Keys("x{bull}y", "q")))
        .doesNotThrowAnyException();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cluster.requireSlotOf(new Keys("bull", "q")))
        .withMessageContaining("needs a hash tag");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cluster.requireSlotOf(new Keys("{other}", "q")))
        .withMessageContaining("hash to slot");
  }

  @Test
  void tlsCoversTheSentinelsToo() {
    var uri = RedisURI.create("redis-sentinel://a:26379,b:26379/3#main");
    var secured = Addresses.secured(uri, SslVerifyMode.CA);

    assertThat(secured.isSsl()).isTrue();
    assertThat(secured.getVerifyMode()).isEqualTo(SslVerifyMode.CA);
    assertThat(secured.getSentinels()).hasSize(2).allMatch(RedisURI::isSsl);
    assertThat(uri.getSentinels()).noneMatch(RedisURI::isSsl);
  }

  @Test
  void aNamedAddressKeepsEverythingElse() {
    var uri = RedisURI.create("rediss-sentinel://user:secret@a:26379/3?timeout=7s#main");
    var named = Addresses.named(uri, "name");

    assertThat(named.getClientName()).isEqualTo("name");
    assertThat(uri.getClientName()).isNull();
    assertThat(named.getSentinelMasterId()).isEqualTo("main");
    assertThat(named.getSentinels()).isEqualTo(uri.getSentinels());
    assertThat(named.getDatabase()).isEqualTo(3);
    assertThat(named.isSsl()).isTrue();
    assertThat(named.getTimeout()).isEqualTo(uri.getTimeout());
    assertThat(named.getCredentialsProvider()).isEqualTo(uri.getCredentialsProvider());
  }

  @Test
  void aCertificateNeedsItsKeyAndAPasswordIsNotShown() {
    var file = Path.of("client.pem");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Tls(null, file, null, null, SslVerifyMode.FULL));
    assertThat(new Tls(null, file, file, "secret", SslVerifyMode.FULL).toString())
        .doesNotContain("secret");
  }
}
