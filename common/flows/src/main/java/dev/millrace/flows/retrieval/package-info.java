/**
 * Finds pieces of documents by their meaning: embeddings, vector stores, document stores. Start
 * reading at {@link dev.millrace.flows.retrieval.Retrievers}.
 */
@NullMarked
package dev.millrace.flows.retrieval;

import org.jspecify.annotations.NullMarked;
