package dev.millrace.examples.thumbnails;

import dev.millrace.cluster.events.Backoff;
import dev.millrace.cluster.events.EventConsumer;
import dev.millrace.cluster.events.EventOptions;
import dev.millrace.flows.engine.NodeContext;
import dev.millrace.flows.engine.NodeOutcome;
import dev.millrace.flows.model.Json;
import dev.millrace.platform.plugins.App;
import dev.millrace.platform.plugins.Plugin;
import dev.millrace.platform.plugins.PluginRoutes.Request;
import dev.millrace.platform.plugins.PluginRoutes.Response;
import java.time.Duration;
import java.util.Base64;
import java.util.UUID;

/**
 * Makes small pictures of large ones. Pictures come in over HTTP or from a flow; nodes that serve
 * {@code thumbnails:process} scale them, whoever took them in.
 */
public final class ThumbnailsPlugin implements Plugin {
  /** For WORKER_MODE. */
  static final String SERVICE = "thumbnails:process";

  private static final String QUEUE = "thumbnails.make";

  /** Scaling takes a second at most; a picture that fails three times will not do better. */
  private static final EventOptions OPTIONS =
      EventOptions.DEFAULT
          .withTimeout(Duration.ofSeconds(30))
          .withMaxRetries(2)
          .withBackoff(Backoff.exponential(Duration.ofSeconds(1)));

  private App app;
  private Pictures pictures;
  // In memory on every node; the others hear of a change by a sync message.
  private volatile int size;

  /** What travels in the queue: a reference, never the picture. */
  record Make(UUID id) {}

  @Override
  public void load(App app) {
    this.app = app;
    this.pictures = new Pictures(app.database());
    this.size = pictures.size(app.setting("SIZE").map(Integer::parseInt).orElse(64));
    // Subscribed everywhere, taken only where it is served: idle() is asked before each event.
    app.eventQueue()
        .subscribe(
            QUEUE,
            EventConsumer.of((message, context) -> make(message.as(Make.class)))
                .withConcurrency(2)
                .withIdle(() -> app.serving(SERVICE)));
    app.handleSyncMessages(
        message -> {
          size = pictures.size(size);
          app.logger().info("the size of thumbnails is {} now", size);
        });
    app.routes()
        .add("POST", "/", this::create)
        .add("GET", "/{id}", this::state)
        .add("GET", "/{id}/small", this::small)
        .add("PUT", "/size", this::resize)
        .add("GET", "/size", request -> Response.json(Json.object().put("size", size)));
    app.node("make", this::node);
  }

  private Response create(Request request) {
    return Response.json(202, Json.object().put("id", ask(request.body()).toString()));
  }

  private UUID ask(byte[] picture) {
    if (picture.length == 0) {
      throw new IllegalArgumentException("the body has to be a picture");
    }
    var id = pictures.add(picture);
    app.eventQueue().publish(QUEUE, new Make(id), OPTIONS);
    app.meters().counter("thumbnails.asked").increment();
    return id;
  }

  private void make(Make make) {
    var picture = pictures.picture(make.id());
    if (picture == null) {
      return; // Deleted meanwhile; an event may also come twice, and then nothing changes.
    }
    try {
      pictures.made(make.id(), Scale.down(picture, size), ProcessHandle.current().pid());
    } catch (IllegalArgumentException e) {
      // It will not do better the next time, so it is no failure of the queue's.
      pictures.failed(make.id(), e.getMessage());
    }
    app.logger().info("thumbnail {} is made", make.id());
  }

  private Response state(Request request) {
    return Response.json(pictures.state(id(request)));
  }

  private Response small(Request request) {
    var small = pictures.small(id(request));
    return small == null
        ? Response.json(404, Json.object().put("message", "there is no thumbnail yet"))
        : new Response(200, "image/png", small);
  }

  private Response resize(Request request) {
    var wanted = Json.read(new String(request.body())).path("size").asInt(0);
    if (wanted < 8 || wanted > 1024) {
      throw new IllegalArgumentException("size has to be 8 to 1024");
    }
    // With the transaction: the others hear of it once they can read it, and not if it fails.
    pictures.resize(wanted, transaction -> app.sendSyncMessage("resized", transaction));
    size = wanted;
    return Response.json(Json.object().put("size", size));
  }

  /** Node {@code thumbnails.make}: input {@code picture} in Base64; puts out the thumbnail's id. */
  private NodeOutcome node(NodeContext context) {
    var given = context.inputs().text("picture");
    var id = ask(Base64.getMimeDecoder().decode(given));
    var output = Json.object().put("content", id.toString());
    return new NodeOutcome.Done(new NodeOutcome.Result(Json.object(), output));
  }

  private static UUID id(Request request) {
    return UUID.fromString(request.parameters().get("id"));
  }
}
