/**
 * The database of a process: its connection pool, its schema, and how concurrent writes share
 * commits. Read {@link dev.millrace.platform.db.Database} first, then {@link
 * dev.millrace.platform.db.Migrations} and {@link dev.millrace.platform.db.GroupWriter}.
 */
@NullMarked
package dev.millrace.platform.db;

import org.jspecify.annotations.NullMarked;
