/**
 * Finds pieces of documents by their meaning: embeddings, vector stores, document stores. Start
 * reading at {@link dev.millrace.flows.retrieval.Retrievers}. What is to be found gets there by
 * {@link dev.millrace.flows.retrieval.DocumentLoaders}, {@link
 * dev.millrace.flows.retrieval.TextSplitters} and {@link
 * dev.millrace.flows.retrieval.VectorWriters}.
 */
@NullMarked
package dev.millrace.flows.retrieval;

import org.jspecify.annotations.NullMarked;
