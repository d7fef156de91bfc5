/**
 * Calls chat models and embedding models. The only package that knows LangChain4j. Start reading at
 * {@link dev.millrace.flows.models.ChatModels}; {@link dev.millrace.flows.models.Provider} lists
 * who is called, and a class each builds what one provider needs.
 */
@NullMarked
package dev.millrace.flows.models;

import org.jspecify.annotations.NullMarked;
