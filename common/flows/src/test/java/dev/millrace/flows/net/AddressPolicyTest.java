package dev.millrace.flows.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressPolicyTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "127.255.0.9",
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "::1",
        "::",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001:db8::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1"
      })
  void refusesTheOwnNetwork(String address) throws Exception {
    assertThat(AddressPolicy.strict().refusal("host.example", ip(address))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "8.8.8.8",
        "172.32.0.1",
        "100.128.0.1",
        "169.253.1.1",
        "2606:4700:4700::1111",
        "64:ff9b::808:808"
      })
  void permitsThePublicInternet(String address) throws Exception {
    assertThat(AddressPolicy.strict().refusal("host.example", ip(address))).isEmpty();
  }

  @Test
  void aMappedAddressOfSixteenBytesIsUnwrapped() throws Exception {
    var mapped = new byte[16];
    mapped[10] = mapped[11] = -1;
    mapped[12] = 127;
    mapped[15] = 1;

    assertThat(AddressPolicy.strict().refusal("h", InetAddress.getByAddress(mapped))).isPresent();
  }

  @Test
  void deniedWinsOverAllowedAndAllowedOverTheOwnRanges() throws Exception {
    var policy =
        AddressPolicy.of(
            true,
            List.of("10.0.0.9", "evil.example", "*.evil.example", "8.8.0.0/16"),
            List.of("10.0.0.0/8", "box.local", "evil.example"));

    assertThat(policy.refusal("a", ip("10.0.0.1"))).isEmpty();
    assertThat(policy.refusal("a", ip("10.0.0.9"))).isPresent();
    assertThat(policy.refusal("box.local", ip("192.168.0.1"))).isEmpty();
    assertThat(policy.refusal("BOX.local.", ip("192.168.0.1"))).isEmpty();
    assertThat(policy.refusal("a", ip("8.8.8.8"))).isPresent();
    assertThat(policy.refusal("evil.example")).isPresent();
    assertThat(policy.refusal("sub.evil.example")).isPresent();
    assertThat(policy.refusal("notevil.example")).isEmpty();
  }

  @Test
  void theDenyListHoldsEvenWithoutTheGuard() throws Exception {
    var policy = AddressPolicy.of(false, List.of("127.0.0.2"), List.of());

    assertThat(policy.refusal("a", ip("127.0.0.1"))).isEmpty();
    assertThat(policy.refusal("a", ip("127.0.0.2"))).isPresent();
  }

  @Test
  void aWrongEntryNamesItsSetting() {
    assertThatThrownBy(() -> AddressPolicy.of(true, List.of("10.0.0.0/33"), List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("HTTP_DENY_LIST: '10.0.0.0/33'");
  }

  private static InetAddress ip(String literal) throws UnknownHostException {
    return InetAddress.getByName(literal);
  }
}
