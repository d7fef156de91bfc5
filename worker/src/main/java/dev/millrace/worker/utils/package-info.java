/** What background tasks share: templates, mail, documents, and the jobs that come next. */
@NullMarked
package dev.millrace.worker.utils;

import org.jspecify.annotations.NullMarked;
