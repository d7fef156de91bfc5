/**
 * Background tasks of users: exports, imports, documents, and what plugins add. Start reading at
 * {@link dev.millrace.platform.tasks.Tasks}.
 */
@NullMarked
package dev.millrace.platform.tasks;

import org.jspecify.annotations.NullMarked;
