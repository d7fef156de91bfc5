package dev.millrace.platform.documents;

import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.FlowException;
import dev.millrace.flows.model.Json;
import dev.millrace.flows.retrieval.Component;
import dev.millrace.flows.retrieval.DocumentLoaders;
import dev.millrace.flows.retrieval.Piece;
import dev.millrace.flows.retrieval.StoredDocument;
import dev.millrace.flows.retrieval.TextSplitters;
import dev.millrace.flows.retrieval.VectorWriter;
import dev.millrace.flows.retrieval.VectorWriters;
import dev.millrace.platform.tasks.TaskContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** One upsert, while it runs. Used by one thread. */
final class Upsert {
  private static final Logger LOG = LoggerFactory.getLogger(Upsert.class);

  /** How many pieces are embedded, and written, at once. */
  private static final int BATCH = 96;

  /** What the result tells of the pieces: so many, with so many characters together. */
  private static final int SHOWN = 20;

  private static final int SHOWN_CHARACTERS = 50_000;

  private final DocumentStores stores;
  private final VectorWriters vectors;
  private final Function<String, ObjectNode> credentials;
  private final StoredDocument stored;
  private final TaskContext context;
  private final Cancellation cancellation;

  Upsert(
      DocumentStores stores,
      VectorWriters vectors,
      Function<String, ObjectNode> credentials,
      StoredDocument stored,
      TaskContext context,
      Cancellation cancellation) {
    this.stores = stores;
    this.vectors = vectors;
    this.credentials = credentials;
    this.stored = stored;
    this.context = context;
    this.cancellation = cancellation;
  }

  /**
   * Upserts.
   *
   * @param docId under which the document is kept
   * @return {@code {storeId, docId, numAdded, numDeleted, numUpdated, numSkipped, addedDocs}}
   * @throws IllegalArgumentException when a parameter is missing or wrong
   * @throws FlowException when the document cannot be read, embedded or written
   */
  ObjectNode run(UpsertRequest request, DocumentStores.Row store, UUID docId) {
    var before = before(request, store);
    var loader = needed("loader", request.loader(), LoaderEntry.loader(before));
    var splitter = merged(request.splitter(), LoaderEntry.splitter(before));
    var embedding = needed("embedding", request.embedding(), store.embedding());
    var vectorStore = needed("vectorStore", request.vectorStore(), store.vectorStore());
    vectors.checkEmbedding(embedding);
    vectors.checkStore(vectorStore);
    var owner = "document store \"" + store.name() + "\"";
    var embedder = vectors.embedder(embedding, owner, credentials);
    var writer = vectors.writer(vectorStore, owner, credentials).orElse(null);

    stores.status(store.id(), DocumentStores.Status.UPSERTING);
    var done = false;
    try {
      var pieces = pieces(request, loader, splitter, docId);
      var entry = LoaderEntry.of(docId, before, loader, splitter, pieces, stored);
      var deleted = stores.replace(store.id(), entry, pieces, cancellation);
      if (writer != null) {
        write(pieces, embedder, writer);
        deleted = Math.max(deleted, writer.prune(docId.toString(), ids(pieces), cancellation));
      }
      stores.upserted(store.id(), embedding, vectorStore);
      done = true;
      context.progress(pieces.size(), pieces.size());
      return result(store.id(), docId, pieces, deleted);
    } finally {
      if (!done) {
        stale(store.id());
      }
    }
  }

  private static @Nullable ObjectNode before(UpsertRequest request, DocumentStores.Row store) {
    var docId = request.docId();
    return docId == null
        ? null
        : LoaderEntry.find(store.loaders(), docId)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "docId: the store \"" + store.name() + "\" has no document " + docId));
  }

  /** Returns what was given; where it is the same component, over what is stored. */
  private static @Nullable Component merged(@Nullable Component given, @Nullable Component stored) {
    if (given == null || stored == null) {
      return given == null ? stored : given;
    }
    return given.name().isEmpty() || given.name().equals(stored.name())
        ? stored.with(given.config())
        : given;
  }

  private static Component needed(
      String parameter, @Nullable Component given, @Nullable Component stored) {
    var merged = merged(given, stored);
    if (merged == null || merged.name().isEmpty()) {
      throw new IllegalArgumentException(
          parameter
              + " {name, config} is missing, and nothing is stored that it could be taken from");
    }
    return merged;
  }

  private List<Piece> pieces(
      UpsertRequest request, Component loader, @Nullable Component splitter, UUID docId) {
    var documents = DocumentLoaders.load(loader, stored, cancellation);
    var cut = TextSplitters.split(documents, splitter, cancellation);
    if (cut.isEmpty()) {
      throw new FlowException(
          "There is no text in the document: "
              + loader
              + " found none. Scanned pages have to be"
              + " recognized first.");
    }
    var pieces = new ArrayList<Piece>();
    for (var piece : cut) {
      ObjectNode about = piece.metadata().deepCopy();
      about.setAll(request.metadata());
      about.put("docId", docId.toString());
      var id = DocumentUpsertTask.derived(docId, pieces.size() + 1);
      pieces.add(new Piece(piece.text(), about, id.toString()));
    }
    return pieces;
  }

  private void write(List<Piece> pieces, VectorWriters.Embedder embedder, VectorWriter writer) {
    for (var from = 0; from < pieces.size(); from += BATCH) {
      cancellation.throwIfCancelled();
      context.progress(from, pieces.size());
      var part = pieces.subList(from, Math.min(pieces.size(), from + BATCH));
      var made = embedder.embed(part.stream().map(Piece::text).toList(), cancellation);
      writer.write(part, made, cancellation);
    }
  }

  private static List<String> ids(List<Piece> pieces) {
    return pieces.stream().map(piece -> Objects.requireNonNull(piece.id())).toList();
  }

  private static ObjectNode result(UUID storeId, UUID docId, List<Piece> pieces, int deleted) {
    var result =
        Json.object()
            .put("storeId", storeId.toString())
            .put("docId", docId.toString())
            .put("numAdded", pieces.size())
            .put("numDeleted", deleted)
            .put("numUpdated", 0)
            .put("numSkipped", 0);
    var added = result.putArray("addedDocs");
    var characters = 0;
    for (var piece : pieces) {
      characters += piece.text().length();
      if (added.size() == SHOWN || characters > SHOWN_CHARACTERS) {
        break;
      }
      added.add(piece.toJson());
    }
    return result;
  }

  /** Says that pieces and vectors may not fit together, also when the thread was interrupted. */
  private void stale(UUID store) {
    var interrupted = Thread.interrupted();
    try {
      stores.status(store, DocumentStores.Status.STALE);
    } catch (RuntimeException e) {
      LOG.warn("document store {} still says that it is being upserted: {}", store, e.getMessage());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
