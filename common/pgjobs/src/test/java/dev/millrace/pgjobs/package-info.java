/**
 * Tests on a real PostgreSQL, and {@code Bridge}, the program that Node's suites in {@code
 * src/interop} drive. Read {@code TestDatabase} first: every test has a database of its own.
 */
@NullMarked
package dev.millrace.pgjobs;

import org.jspecify.annotations.NullMarked;
