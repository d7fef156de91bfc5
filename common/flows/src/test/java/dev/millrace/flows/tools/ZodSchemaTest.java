package dev.millrace.flows.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZodSchemaTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "z.string().describe('the (first) name') | {\"type\":\"string\",\"description\":\"the (first) name\"}",
        "z.number().int().min(1, { message: 'no, \"one\"' }).max(5) "
            + "| {\"type\":\"integer\",\"minimum\":1,\"maximum\":5}",
        "z.string().min(2).email() | {\"type\":\"string\",\"minLength\":2}",
        "z.enum(['a', \"b\"]) | {\"type\":\"string\",\"enum\":[\"a\",\"b\"]}",
        "z.array(z.boolean()).max(3) | {\"type\":\"array\",\"items\":{\"type\":\"boolean\"},\"maxItems\":3}",
        "z.string().array() | {\"type\":\"array\",\"items\":{\"type\":\"string\"}}",
        "z.literal(3) | {\"enum\":[3]}",
        "z.union([z.string(), z.number()]) | {\"anyOf\":[{\"type\":\"string\"},{\"type\":\"number\"}]}",
        "z.record(z.string(), z.number()) "
            + "| {\"type\":\"object\",\"additionalProperties\":{\"type\":\"number\"}}",
        "z.coerce.date() | {\"type\":\"string\",\"format\":\"date-time\"}",
        "z.any() | {}",
      })
  void readsAField(String written, String schema) {
    assertThat(ZodSchema.read("z.object({ f: " + written + " })").at("/properties/f").toString())
        .isEqualTo(schema);
  }

  @Test
  void readsWhatIsRequired() {
    String written =
        """
        z.object({
          "one two": z.string(),
          inner: z.object({ a: z.number(), b: z.string().optional() }).strict(),
          later: z.string().default("x, y"),
        }).describe("all of it");
        """;
    var schema = ZodSchema.read(written);
    assertThat(schema.path("required").toString()).isEqualTo("[\"one two\",\"inner\"]");
    assertThat(schema.at("/properties/inner/required").toString()).isEqualTo("[\"a\"]");
    assertThat(schema.at("/properties/later/default").asString()).isEqualTo("x, y");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "z.string()",
        "z.object({ a: z.string()",
        "z.object({ a: z.string() }) && more",
        "z.object({ a: process.exit() })",
        "z.object({ a: z.string().transform(x => x) })",
        "z.object({ a: z.string().describe('open }) })",
        "z.object({ a: z.string() b: z.string() })",
      })
  void saysWhatItCannotRead(String written) {
    assertThatThrownBy(() -> ZodSchema.read(written))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("was expected");
  }
}
