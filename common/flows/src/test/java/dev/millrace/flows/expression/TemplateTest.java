package dev.millrace.flows.expression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.engine.ChatTurn;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.JsonText;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class TemplateTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {{ question }}                    | q
          {{question}}{{ question }}        | qq
          {{ $form.a.b }}                   | 1
          {{ $form.a }}                     | {"b":1}
          {{ $form.none }}                  | {{ $form.none }}
          {{ $webhook.body.k }}             | 1
          [{{ file_attachment }}]           | []
          {{ loop_count }}                  | 2
          {{ runtime_messages_length }}     | 1
          {{ current_date_time }}           | 2026-01-02T03:04:05.000Z
          {{ $vars.key }}                   | value
          {{ $vars.none }}                  | {{ $vars.none }}
          {{ $flow.sessionId }}             | s1
          {{ $flow.state.x }}               | 7
          {{ $flow.state.nothing }}         | {{ $flow.state.nothing }}
          {{ llmAgentflow_1 }}              | said
          {{ llmAgentflow\\_1 }}            | said
          {{ llmAgentflow_1.output.list[1].n }} | 5
          {{ llmAgentflow_1.output.list.1.n }}! | 5!
          {{ llmAgentflow_1.output.none }}  | {{ llmAgentflow_1.output.none }}
          {{ httpAgentflow_0 }}             | {"a":1}
          {{ nobody_0 }}                    | {{ nobody_0 }}
          {{ output }}                      | {{ output }}
          {{ }} {{ {{ question }}           | {{ }} {{ {{ question }}
          {{{ question }}}                  | {{{ question }}}
          {{ question                       | {{ question
          }} {{ question }}                 | }} q
          """)
  void resolves(String template, String expected) {
    assertThat(text(template, scope())).isEqualTo(expected);
  }

  @Test
  void anOpenBraceDoesNotReachIntoTheNextLine() {
    assertThat(text("{{ a\nb {{ question }}", scope())).isEqualTo("{{ a\nb q");
  }

  @Test
  void aLoneReferenceKeepsNumbersAndTruthValues() {
    var scope = scope().output("n_0", "{\"n\":5,\"b\":true,\"t\":\"x\"}");
    assertThat(Template.of("{{ n_0.output.n }}").fill(scope)).isEqualTo(Json.read("5"));
    assertThat(Template.of("<p>{{ n_0.output.b }}</p>").fill(scope)).isEqualTo(Json.read("true"));
    assertThat(Template.of(" {{ n_0.output.n }}").fill(scope)).isEqualTo(Json.text(" 5"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0          | {{ $iteration }}     | 0
          false      | {{ $iteration }}     | false
          "a"        | {{ $iteration.x }}   | a
          {"x":{}}   | {{ $iteration.x }}   | {}
          {"x":1}    | {{ $iteration.y }}|  | ''
          3          | {{ $iteration.y }}   | {{ $iteration.y }}
          """)
  void seesItemsOfAnIteration(String item, String template, String expected) {
    var scope = scope();
    scope.iteration = Json.read(item);
    assertThat(text(template, scope)).isEqualTo(expected == null ? "" : expected);
  }

  @Test
  void outsideAnIterationTheReferenceStays() {
    assertThat(text("{{ $iteration }}", scope())).isEqualTo("{{ $iteration }}");
  }

  @Test
  void uploadsComeBeforeTheTextThatAsksForTheQuestion() {
    var scope = scope();
    scope.uploads = "<doc name='f'>x</doc>";
    assertThat(text("Ask: {{ question }}", scope)).isEqualTo("<doc name='f'>x</doc>\n\nAsk: q");
    assertThat(text("no question", scope)).isEqualTo("no question");
  }

  @Test
  void showsTheConversation() {
    var scope = scope();
    scope.past = List.of(new ChatTurn("user", "a"), new ChatTurn("assistant", "b"));
    scope.said = List.of(new ChatTurn("user", ""), new ChatTurn("system", "c"));
    assertThat(text("{{ chat_history }}", scope)).isEqualTo("Human: a\nAssistant: b\nc");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"$&", "$$", "$1", "$`", "$'", "\\", "{{ question }}", "<p>{{ $vars.key }}</p>"})
  void insertsValuesAsTheyAre(String value) {
    var scope = scope();
    scope.question = value;
    assertThat(text("<p>a {{ question }} b {{ question }}</p>", scope))
        .isEqualTo("a " + value + " b " + value);
  }

  @Property(tries = 500)
  void whateverAUserTypesIsNeverLookedAtAgain(
      @ForAll String typed, @ForAll String before, @ForAll String after) {
    var scope = scope();
    scope.question = typed + "{{ $vars.key }}" + typed;
    String left = before.replace("{", "(").replace("<", "(");
    String right = after.replace("}", ")");
    right = right.replace("{", "(");
    assertThat(text(left + "{{ question }}" + right, scope))
        .isEqualTo(left + scope.question + right);
  }

  @Property(tries = 500)
  void whatHasNoReferenceStaysAsItIs(@ForAll String text) {
    String plain = text.replace("{{", "{").replace("<", "");
    assertThat(Template.of(plain).constant()).isEqualTo(plain);
  }

  @Test
  void resolvesInsideContainersAndSharesTheRest() {
    ObjectNode value =
        (ObjectNode) Json.read("{\"a\":[{\"v\":\"{{ question }}\"}],\"b\":{\"c\":\"x\"},\"n\":1}");
    JsonNode filled = Expression.of(value).fill(scope());
    assertThat(filled).hasToString("{\"a\":[{\"v\":\"q\"}],\"b\":{\"c\":\"x\"},\"n\":1}");
    assertThat(Expression.of(value.get("b"))).isInstanceOf(Expression.Constant.class);
  }

  private static String text(String template, Scope scope) {
    return JsonText.of(Template.of(template).fill(scope));
  }

  private static FakeScope scope() {
    var scope = new FakeScope();
    scope.form = (ObjectNode) Json.read("{\"a\":{\"b\":1}}");
    scope.flow =
        (ObjectNode) Json.read("{\"sessionId\":\"s1\",\"state\":{\"x\":7,\"nothing\":null}}");
    scope.said = List.of(new ChatTurn("user", "a"), new ChatTurn("user", "b"));
    scope.variables.put("key", "value");
    return scope
        .output("llmAgentflow_1", "{\"content\":\"said\",\"list\":[1,{\"n\":5}]}")
        .output("httpAgentflow_0", "{\"http\":{\"data\":{\"a\":1}}}");
  }
}
