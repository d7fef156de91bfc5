package dev.millrace.flows.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemoteFlowsTest {
  private final RemoteFlows flows =
      new RemoteFlows(
          (request, cancellation) -> {
            throw new AssertionError("nothing should be fetched");
          },
          List.of(URI.create("https://Flows.example/app"), URI.create("http://localhost:3000")));

  @ParameterizedTest
  @CsvSource({
    "'',false",
    "https://flows.example,false",
    "https://flows.example:443/,false",
    "HTTP://LOCALHOST:3000/api,false",
    "http://flows.example,true",
    "http://localhost:3001,true",
    "https://other.example,true",
    "not an address,true"
  })
  void knowsItsOwnServer(String baseUrl, boolean elsewhere) {
    assertThat(flows.isElsewhere(baseUrl)).isEqualTo(elsewhere);
  }
}
