package dev.millrace.bullmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.protocol.CommandArgs;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Arguments are written as Lettuce writes them. */
class ScriptArgsTest {
  private static final List<String> KEYS = List.of("bull:q:meta", "bull:q:events");

  @Test
  void sameBytesAsLettuce() {
    var arguments = List.of("", "1", "a b\r\nc", "žluťoučký 😀", "\0", "x".repeat(100_000));
    var theirs =
        new CommandArgs<>(Utf8.CODEC)
            .add("f00d")
            .add(KEYS.size())
            .addKeys(KEYS)
            .addValues(arguments);
    var ours = new ScriptArgs("f00d", KEYS, arguments);
    assertThat(written(ours)).isEqualTo(written(theirs));
    assertThat(ours.count()).isEqualTo(theirs.count());
  }

  @Test
  void showsNoData() {
    var shown = new ScriptArgs("f00d", KEYS, List.of("secret"));
    assertThat(shown.toString()).isEqualTo(shown.toCommandString()).isEqualTo("5 arguments");
  }

  private static String written(CommandArgs<String, String> arguments) {
    ByteBuf target = Unpooled.buffer();
    arguments.encode(target);
    return target.toString(StandardCharsets.UTF_8);
  }
}
