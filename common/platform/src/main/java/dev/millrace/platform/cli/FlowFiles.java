package dev.millrace.platform.cli;

import dev.millrace.flows.lint.FlowLint;
import dev.millrace.flows.model.FlowCheck;
import dev.millrace.flows.model.FlowFile;
import dev.millrace.flows.model.FlowFile.NamedFlow;
import dev.millrace.flows.model.FlowFormatException;
import dev.millrace.flows.model.FlowParser;
import dev.millrace.flows.model.FlowProblem;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.model.WorkspaceParts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Reads, judges and writes files with flows. */
final class FlowFiles {
  private FlowFiles() {}

  /** Returns what a file holds besides flows. */
  static WorkspaceParts parts(Path file) {
    return WorkspaceParts.of(json(file));
  }

  /** As {@link #read}, and nothing of a file that holds a tool. */
  static List<NamedFlow> readIfAny(Path file) {
    return parts(file).isEmpty() || json(file).path("flow").isObject()
        ? read(file)
        : FlowParser.read(json(file)) instanceof FlowFile.Flows(var flows) ? flows : List.of();
  }

  /** Returns the flows of a file, whichever export it is. */
  static List<NamedFlow> read(Path file) {
    var json = json(file);
    // A case holds a flow beside what is said of it.
    var flow = json.path("flow").isObject() ? json.path("flow") : json;
    try {
      return switch (FlowParser.read(flow)) {
        case FlowFile.Flows(var flows) -> flows;
        case FlowFile.Tool tool ->
            throw new CliException(file + " holds the tool \"" + tool.name() + "\", no flow");
      };
    } catch (FlowFormatException e) {
      throw new CliException(file + ": " + e.getMessage(), e);
    }
  }

  /** Returns the JSON of a file. */
  static JsonNode json(Path file) {
    try {
      return Json.read(Files.readString(file));
    } catch (IOException e) {
      throw new CliException(file + " cannot be read: " + e.getMessage(), e);
    } catch (JacksonException e) {
      throw new CliException(file + " is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** Returns what is wrong with a flow, errors first. */
  static List<FlowProblem> problems(NamedFlow flow) {
    var problems = new ArrayList<>(new FlowCheck(LocalRun.supported()).check(flow.flow()));
    problems.addAll(FlowLint.lint(flow.flow()));
    problems.sort((a, b) -> a.severity().compareTo(b.severity()));
    return problems;
  }

  /** Returns what a flow is called: as its file says, or as its file is called. */
  static String name(NamedFlow flow, Path file) {
    var name = String.valueOf(file.getFileName()).replaceFirst("\\.json$", "");
    return flow.name().isEmpty() ? name.replaceFirst(" (Chatflow|Agents)$", "") : flow.name();
  }

  /** Writes JSON as people read it, and as diffs show it. */
  static void write(Path file, JsonNode json) {
    try {
      Files.writeString(file, Json.pretty(json) + "\n");
    } catch (IOException e) {
      throw new CliException(file + " cannot be written: " + e.getMessage(), e);
    }
  }
}
