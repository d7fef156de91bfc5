/**
 * The storage of a Flowise server, read where flows name files in it. Read {@link
 * dev.millrace.platform.storage.LocalStorage} first.
 */
@NullMarked
package dev.millrace.platform.storage;

import org.jspecify.annotations.NullMarked;
