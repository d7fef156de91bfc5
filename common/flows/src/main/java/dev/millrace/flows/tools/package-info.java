/**
 * What a model, or a Tool node, can call: arithmetic, the time, HTTP requests, stored functions,
 * other flows, document stores, web searches and the tools of MCP servers. Start reading at {@link
 * dev.millrace.flows.tools.Toolbox}.
 */
@NullMarked
package dev.millrace.flows.tools;

import org.jspecify.annotations.NullMarked;
