/**
 * Document stores: their rows, and the task that fills them. Read {@link
 * dev.millrace.platform.documents.DocumentUpsertTask} first.
 */
@NullMarked
package dev.millrace.platform.documents;

import org.jspecify.annotations.NullMarked;
