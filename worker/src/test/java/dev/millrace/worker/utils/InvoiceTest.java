package dev.millrace.worker.utils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class InvoiceTest {
  private static ObjectNode payload(String members) {
    return (ObjectNode)
        JsonMapper.shared()
            .readTree("{\"to\": \"a@b.example\", \"number\": \"F-7\", " + members + "}");
  }

  @Test
  void calculatesAsAccountantsDo() {
    var invoice =
        Invoice.of(
            payload(
                """
                "customer": "Ann", "date": "2026-11-26", "taxRate": 20, "lines": [
                  {"description": "a", "quantity": 3, "unitPrice": 0.335},
                  {"description": "b", "unitPrice": "1199.99"}]
                """));

    assertThat(invoice.net()).isEqualByComparingTo("1201.00");
    assertThat(invoice.tax()).isEqualByComparingTo("240.20");
    assertThat(invoice.total()).isEqualByComparingTo("1441.20");
    assertThat(invoice.toJson().path("total").asString()).isEqualTo("€1,441.20");
  }

  @Test
  void writesNumbersAsItsReaderDoes() {
    var french =
        Invoice.of(
            payload(
                """
                "date": "2026-11-26", "locale": "fr-FR", "lines": [{"unitPrice": 1234.5}]
                """));

    assertThat(french.toJson().path("total").asString().replaceAll("\\s|\u202F|\u00A0", " "))
        .isEqualTo("1 234,50 €");
    assertThat(french.toJson().path("date").asString()).isEqualTo("26 novembre 2026");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'lines': []|lines",
        "'lines': [{'unitPrice': 'x'}]|unitPrice",
        "'lines': [{'unitPrice': '1e999999999'}]|unitPrice",
        "'lines': [{'unitPrice': 1}], 'date': 'tomorrow'|date",
        "'lines': [{'unitPrice': 1}], 'currency': 'XYZZY'|currency",
        "'lines': [{'unitPrice': 1}], 'number': '../../x y'|number"
      })
  void namesWhatIsWrong(String members, String name) {
    assertThatThrownBy(() -> Invoice.of(payload(members.replace('\'', '"'))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name);
  }
}
