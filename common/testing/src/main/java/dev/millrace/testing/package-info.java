/**
 * Real stores for tests: {@link dev.millrace.testing.TestRedis} and {@link
 * dev.millrace.testing.TestPostgres} find or start one per JVM, in the order environment variable,
 * Docker, local binary, embedded binary, and print which they took; and a model provider that says
 * what it is told, {@link dev.millrace.testing.FakeModelServer}; {@link
 * dev.millrace.testing.Folders} removes what tests leave. Start reading at {@link
 * dev.millrace.testing.TestRedis}.
 */
@NullMarked
package dev.millrace.testing;

import org.jspecify.annotations.NullMarked;
