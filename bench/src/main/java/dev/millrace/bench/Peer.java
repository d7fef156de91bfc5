package dev.millrace.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A process that answers lines of JSON; the two of a benchmark do the same work in turn. */
final class Peer implements AutoCloseable {
  private final String name;
  private final Process process;
  private final BufferedWriter requests;
  private final BufferedReader answers;
  private final JsonMapper json = JsonMapper.shared();

  Peer(String name, List<String> command, Map<String, String> env) throws IOException {
    this.name = name;
    var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(env);
    process = builder.start();
    requests = process.outputWriter();
    answers = process.inputReader();
  }

  /** Returns what {@code name} says to a request, however long it takes. */
  JsonNode ask(ObjectNode request) throws IOException {
    requests.write(request.toString());
    requests.newLine();
    requests.flush();
    var answer = answers.readLine();
    if (answer == null) {
      throw new IOException(name + " ended at " + request);
    }
    return json.readTree(answer);
  }

  @Override
  public void close() throws IOException {
    requests.close();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
