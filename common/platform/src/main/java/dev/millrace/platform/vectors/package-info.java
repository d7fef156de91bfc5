/** Searches vectors in PostgreSQL. Read {@link dev.millrace.platform.vectors.PgVectors} first. */
@NullMarked
package dev.millrace.platform.vectors;

import org.jspecify.annotations.NullMarked;
