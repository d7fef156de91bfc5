/**
 * Vectors in PostgreSQL, to be searched and written. Read {@link
 * dev.millrace.platform.vectors.PgVectors} first.
 */
@NullMarked
package dev.millrace.platform.vectors;

import org.jspecify.annotations.NullMarked;
