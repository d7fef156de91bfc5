package dev.millrace.platform.documents;

import dev.millrace.cluster.locks.LockOptions;
import dev.millrace.cluster.locks.Locks;
import dev.millrace.flows.engine.Cancellation;
import dev.millrace.flows.engine.Secrets;
import dev.millrace.flows.engine.StoredFiles;
import dev.millrace.flows.engine.StoredFiles.Folder;
import dev.millrace.flows.retrieval.Component;
import dev.millrace.flows.retrieval.DocumentLoaders;
import dev.millrace.flows.retrieval.TextSplitters;
import dev.millrace.flows.retrieval.VectorWriters;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.tasks.Task;
import dev.millrace.platform.tasks.TaskContext;
import dev.millrace.platform.tasks.TaskType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code documents:upsert}: loads a document, cuts it into pieces, and puts them and their vectors
 * into a document store, where retrievers find them. The parameters are those of Flowise's upsert
 * API with {@code storeId}; see {@link UpsertRequest}. What an earlier attempt has done is done
 * again in its place: ids are derived from the task and the document.
 */
public final class DocumentUpsertTask implements TaskType {
  /** Another upsert of the same document ends first. */
  private static final LockOptions PATIENT = LockOptions.DEFAULT.withPatience(Duration.ofHours(1));

  private final DocumentStores stores;
  private final VectorWriters vectors;
  private final Secrets secrets;
  private final StoredFiles files;
  private final Locks locks;

  /**
   * @param secrets finds the credentials of embedding models and vector stores
   * @param files finds what loaders only name
   * @param locks keep two upserts of one document apart
   */
  public DocumentUpsertTask(
      Database database, VectorWriters vectors, Secrets secrets, StoredFiles files, Locks locks) {
    this.stores = new DocumentStores(database);
    this.vectors = vectors;
    this.secrets = secrets;
    this.files = files;
    this.locks = locks;
  }

  @Override
  public String name() {
    return "documents:upsert";
  }

  @Override
  public void check(ObjectNode params) {
    var request = UpsertRequest.of(params);
    ifNamed(
        request.loader(),
        loader -> {
          // With a docId a part of the inputs may be stored.
          var _ = DocumentLoaders.input(loader);
          if (request.docId() == null) {
            DocumentLoaders.check(loader, files);
          }
        });
    ifNamed(request.splitter(), TextSplitters::check);
    ifNamed(request.embedding(), vectors::checkEmbedding);
    ifNamed(request.vectorStore(), vectors::checkStore);
  }

  private static void ifNamed(@Nullable Component component, Consumer<Component> check) {
    if (component != null && !component.name().isEmpty()) {
      check.accept(component);
    }
  }

  @Override
  public JsonNode run(ObjectNode params, TaskContext context) throws InterruptedException {
    var request = UpsertRequest.of(params);
    var cancellation = new Cancellation();
    context.onCancel(() -> cancellation.cancel("the task has to end"));
    var store = store(request, context);
    var docId =
        request.replaceExisting()
            ? Objects.requireNonNull(request.docId())
            : derived(context.id(), "document");
    return locks.runExclusive(
        "documents:upsert:" + docId,
        PATIENT,
        lock -> {
          lock.onLost(() -> cancellation.cancel("the lock of the document was lost"));
          var folder = Folder.ofDocuments(context.workspace(), store.id().toString());
          var upsert =
              new Upsert(
                  stores,
                  vectors,
                  this::credential,
                  name -> files.read(folder, name),
                  context,
                  cancellation);
          return upsert.run(request, store, docId);
        });
  }

  /** Another upsert of the store that is at work says so again when it ends. */
  @Override
  public void abandoned(Task task) {
    var request = UpsertRequest.of(task.request().params());
    stores.unfinished(storeId(request, task.id()), task.request().workspace());
  }

  private static UUID storeId(UpsertRequest request, Object task) {
    return request.storeId() == null ? derived(task, "store") : request.storeId();
  }

  private DocumentStores.Row store(UpsertRequest request, TaskContext context) {
    var fresh = request.docStore();
    var id = storeId(request, context.id());
    if (fresh != null) {
      stores.create(id, fresh, context.workspace());
    }
    return stores
        .find(id, context.workspace())
        .orElseThrow(() ->
            new IllegalArgumentException(
                "storeId: there is no document store " + id + " in this workspace"));
  }

  private ObjectNode credential(String id) {
    return id.isEmpty() ? secrets.unnamed() : secrets.credential(id);
  }

  /** Returns an id that is the same at each attempt. */
  static UUID derived(Object of, Object what) {
    return UUID.nameUUIDFromBytes((of + "/" + what).getBytes(StandardCharsets.UTF_8));
  }
}
