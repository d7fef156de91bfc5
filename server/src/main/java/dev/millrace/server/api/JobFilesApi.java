package dev.millrace.server.api;

import dev.millrace.platform.jobs.JobFile;
import dev.millrace.platform.jobs.JobFiles;
import dev.millrace.platform.jobs.JobJson;
import dev.millrace.server.http.ApiException;
import dev.millrace.server.http.Authentication;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** {@code /job-files}: what background jobs made, and what they may attach to mails. */
public final class JobFilesApi {
  private final JobFiles files;
  private final Authentication authentication;
  private final String workspaceId;

  /**
   * @param workspaceId whose keys may use this
   */
  public JobFilesApi(JobFiles files, Authentication authentication, String workspaceId) {
    this.files = files;
    this.authentication = authentication;
    this.workspaceId = workspaceId;
  }

  public void register(RoutesConfig routes) {
    routes.post("/api/v1/job-files", this::store);
    routes.get("/api/v1/job-files/{id}", this::content);
  }

  private void store(Context ctx) {
    requireAllowed(ctx);
    var name = ctx.queryParam("name");
    var given = ctx.contentType();
    var type = given == null ? "" : given.replaceFirst(";.*$", "").strip();
    var content = ctx.bodyAsBytes();
    if (content.length == 0) {
      throw new ApiException(400, "The body is empty: it has to be the file");
    }
    try {
      var id =
          files.store(
              name == null ? "file" : name,
              type.matches("[\\w.+-]+/[\\w.+-]+") ? type : "application/octet-stream",
              content);
      answer(ctx, find(id));
    } catch (IllegalArgumentException e) {
      throw new ApiException(413, String.valueOf(e.getMessage()));
    }
  }

  private void content(Context ctx) {
    requireAllowed(ctx);
    var file = find(id(ctx));
    // A download whatever it is: files are made of what anybody sent.
    ctx.contentType("application/octet-stream")
        .header("X-Content-Type-Options", "nosniff")
        .header(
            "Content-Disposition",
            "attachment; filename*=UTF-8''"
                + java.net.URLEncoder.encode(file.name(), StandardCharsets.UTF_8)
                    .replace("+", "%20"))
        .result(files.content(file.id()).orElseThrow(() -> notFound(ctx)));
  }

  private JobFile find(UUID id) {
    return files
        .find(id)
        .orElseThrow(() -> new ApiException(404, "There is no file " + id + " any more"));
  }

  private static UUID id(Context ctx) {
    try {
      return UUID.fromString(ctx.pathParam("id"));
    } catch (IllegalArgumentException e) {
      throw notFound(ctx);
    }
  }

  private static ApiException notFound(Context ctx) {
    return new ApiException(404, "There is no file " + ctx.pathParam("id"));
  }

  private void requireAllowed(Context ctx) {
    if (!authentication.require(ctx).workspaceId().equals(workspaceId)) {
      throw new ApiException(403, "Files of jobs are for keys of the first workspace only");
    }
  }

  private static void answer(Context ctx, JobFile file) {
    ctx.status(201)
        .contentType("application/json; charset=utf-8")
        .result(JobJson.of(file).toString());
  }
}
