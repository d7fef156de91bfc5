package dev.millrace.flows.script;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import org.slf4j.Logger;

/** What a script writes to its console: one line of the log each, at debug level, else nothing. */
final class ConsoleLog extends OutputStream {
  private static final int LONGEST = 4_000;

  private final Logger log;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  ConsoleLog(Logger log) {
    this.log = log;
  }

  @Override
  public void write(int next) {
    if (next == '\n') {
      log.debug("{}", line.toString(UTF_8));
      line.reset();
    } else if (line.size() < LONGEST) {
      line.write(next);
    }
  }
}
