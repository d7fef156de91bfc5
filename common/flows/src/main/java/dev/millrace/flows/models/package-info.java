/**
 * Calls chat models. The only package that knows LangChain4j. Start reading at {@link
 * dev.millrace.flows.models.ChatModels}.
 */
@NullMarked
package dev.millrace.flows.models;

import org.jspecify.annotations.NullMarked;
