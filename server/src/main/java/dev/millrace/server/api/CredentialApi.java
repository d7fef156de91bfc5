package dev.millrace.server.api;

import dev.millrace.platform.credentials.Credential;
import dev.millrace.platform.credentials.CredentialStore;
import dev.millrace.server.http.ApiException;
import dev.millrace.server.http.Authentication;
import dev.millrace.server.http.JsonBody;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Create, read, update, list and delete credentials; their contents come back masked only. */
public final class CredentialApi {
  private final CredentialStore credentials;
  private final Authentication authentication;
  private final Consumer<String> changed;
  private final JsonMapper json;

  /**
   * @param changed is told the id of a credential that was changed or deleted
   */
  public CredentialApi(
      CredentialStore credentials,
      Authentication authentication,
      Consumer<String> changed,
      JsonMapper json) {
    this.credentials = credentials;
    this.authentication = authentication;
    this.changed = changed;
    this.json = json;
  }

  public void register(RoutesConfig routes) {
    routes.post("/api/v1/credentials", this::create);
    routes.get("/api/v1/credentials", this::list);
    routes.get("/api/v1/credentials/{id}", this::read);
    routes.put("/api/v1/credentials/{id}", this::update);
    routes.delete("/api/v1/credentials/{id}", this::delete);
  }

  private void create(Context ctx) {
    var caller = authentication.require(ctx);
    var created = credentials.create(JsonBody.read(ctx, json), caller.workspaceId());
    answer(ctx, created.toJson());
  }

  private void list(Context ctx) {
    var caller = authentication.require(ctx);
    var names = ctx.queryParams("credentialName");
    var array = json.createArrayNode();
    for (var credential : credentials.list(caller.workspaceId(), List.copyOf(names))) {
      array.add(credential.toJson());
    }
    answer(ctx, array);
  }

  private void read(Context ctx) {
    var id = own(ctx).id();
    answer(ctx, credentials.masked(id).orElseThrow(() -> notFound(id)));
  }

  private void update(Context ctx) {
    var id = own(ctx).id();
    var updated = credentials.update(id, JsonBody.read(ctx, json)).orElseThrow(() -> notFound(id));
    changed.accept(id);
    answer(ctx, updated.toJson());
  }

  private void delete(Context ctx) {
    var id = own(ctx).id();
    var affected = credentials.delete(id);
    changed.accept(id);
    var answer = json.createObjectNode();
    answer.putArray("raw");
    answer(ctx, answer.put("affected", affected));
  }

  private Credential own(Context ctx) {
    var caller = authentication.require(ctx);
    var id = ctx.pathParam("id");
    return credentials
        .find(id)
        .filter(credential -> credential.workspaceId().equals(caller.workspaceId()))
        .orElseThrow(() -> notFound(id));
  }

  private static ApiException notFound(String id) {
    return new ApiException(404, "Credential " + id + " not found");
  }

  private static void answer(Context ctx, JsonNode body) {
    ctx.contentType("application/json; charset=utf-8").result(body.toString());
  }
}
