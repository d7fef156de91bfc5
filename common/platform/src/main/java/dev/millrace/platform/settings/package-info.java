/**
 * What the operator configured, parsed once per process into one immutable record. Start reading at
 * {@link dev.millrace.platform.settings.Settings}; each sub-record declares its own variables, and
 * {@link dev.millrace.platform.settings.Catalogue} renders all of them as help text, {@code
 * .env.example} and the table in {@code docs/configuration.md}.
 */
@NullMarked
package dev.millrace.platform.settings;

import org.jspecify.annotations.NullMarked;
