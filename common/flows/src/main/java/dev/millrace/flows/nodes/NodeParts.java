package dev.millrace.flows.nodes;

import dev.millrace.flows.models.ChatModels;
import dev.millrace.flows.net.HttpFetcher;
import dev.millrace.flows.script.ScriptSandbox;
import java.time.InstantSource;

/**
 * What the nodes are made of.
 *
 * @param models calls chat models
 * @param scripts runs JavaScript
 * @param fetcher sends what HTTP nodes and tools ask for
 * @param clock tells the time, and how long models took
 */
public record NodeParts(
    ChatModels models, ScriptSandbox scripts, HttpFetcher fetcher, InstantSource clock) {}
