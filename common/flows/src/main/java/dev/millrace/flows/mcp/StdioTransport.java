package dev.millrace.flows.mcp;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.model.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** A server that is a child process: one message a line, in both directions. */
final class StdioTransport implements McpTransport {
  private static final Logger LOG = LoggerFactory.getLogger(StdioTransport.class);
  private static final int LONGEST_LINE = 8 << 20;
  private static final int LOGGED_LINES = 100;

  /** Of our own environment a server sees only what programs need to be found and to run. */
  private static final List<String> INHERITED =
      List.of("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "TEMP", "SystemRoot", "APPDATA");

  private final Process process;
  private final Writer input;
  private final Pending pending;
  private final ReentrantLock writing = new ReentrantLock();

  private StdioTransport(String name, Process process, Duration patience) {
    this.process = process;
    this.input = process.outputWriter(StandardCharsets.UTF_8);
    this.pending = new Pending(name, patience);
    Thread.ofVirtual().name("mcp-stdout").start(this::listen);
    Thread.ofVirtual().name("mcp-stderr").start(() -> drain(name));
  }

  static StdioTransport start(
      String command, List<String> arguments, Map<String, String> environment, Duration patience) {
    var line = new ArrayList<String>();
    line.add(command);
    line.addAll(arguments);
    var builder = new ProcessBuilder(line);
    var own = Map.copyOf(builder.environment());
    builder.environment().clear();
    INHERITED.forEach(name -> {
      String value = own.get(name);
      if (value != null) {
        builder.environment().put(name, value);
      }
    });
    builder.environment().putAll(environment);
    try {
      return new StdioTransport(command, builder.start(), patience);
    } catch (IOException e) {
      throw new McpException(
          "MCP server \"" + command + "\" cannot be started: " + e.getMessage() + ".", e);
    }
  }

  @Override
  public ObjectNode request(ObjectNode message, Cancellation cancellation) {
    return pending.await(message, () -> tell(message, cancellation), cancellation);
  }

  @Override
  public void tell(ObjectNode message, Cancellation cancellation) {
    writing.lock();
    try {
      input.write(Json.write(message));
      input.write('\n');
      input.flush();
    } catch (IOException e) {
      throw new McpException("The MCP server's process has ended: " + e.getMessage() + ".", e);
    } finally {
      writing.unlock();
    }
  }

  /** Ends the process and its children. */
  @Override
  public void close() {
    var children = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(2, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    children.forEach(ProcessHandle::destroyForcibly);
  }

  private void listen() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      var line = new StringBuilder();
      for (int next = output.read(); next >= 0; next = output.read()) {
        if (next == '\n') {
          pending.arrived(line.toString());
          line.setLength(0);
        } else if (line.length() < LONGEST_LINE) {
          line.append((char) next);
        } else {
          throw new IOException("a message is longer than 8 MiB");
        }
      }
      pending.ended("has ended its process");
    } catch (IOException e) {
      pending.ended("cannot be heard any more: " + e.getMessage());
    }
  }

  /** Reads on also when nothing is logged any more, lest the server stop at a full pipe. */
  private void drain(String name) {
    try (var errors =
        new BufferedReader(
            new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
      var buffer = new char[1024];
      int lines = 0;
      for (int read = errors.read(buffer); read >= 0; read = errors.read(buffer)) {
        if (lines++ < LOGGED_LINES) {
          LOG.debug("MCP server {}: {}", name, new String(buffer, 0, read).strip());
        }
      }
    } catch (IOException e) {
      LOG.debug("MCP server {} closed its standard error", name, e);
    }
  }
}
