/**
 * Parts of Millrace that come in jars of their own ({@code docs/plugins.md}). Authors read {@link
 * dev.millrace.platform.plugins.Plugin} and {@link dev.millrace.platform.plugins.App}; {@link
 * dev.millrace.platform.plugins.Plugins} runs them.
 */
@NullMarked
package dev.millrace.platform.plugins;

import org.jspecify.annotations.NullMarked;
