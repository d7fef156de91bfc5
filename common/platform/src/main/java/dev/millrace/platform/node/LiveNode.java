package dev.millrace.platform.node;

import dev.millrace.platform.health.NodeFacts;
import java.time.Duration;
import java.time.Instant;
import tools.jackson.databind.JsonNode;

/**
 * A node as the others see it.
 *
 * @param facts what it is
 * @param load what it was busy with at its last heartbeat: numbers by name
 * @param started when it started, by PostgreSQL's clock
 * @param silence how long ago its last heartbeat is
 */
public record LiveNode(NodeFacts facts, JsonNode load, Instant started, Duration silence) {}
