package dev.millrace.server.api;

import dev.millrace.platform.runs.ChatFiles;
import dev.millrace.server.http.ApiException;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * {@code /get-upload-file}: the files of a conversation. Open to everybody who knows the ids of
 * flow and chat, as links in answers have to work in a browser.
 */
public final class ChatFilesApi {
  /** What a browser may show; everything else is a download, as anybody may have made it. */
  private static final Set<String> SHOWN =
      Set.of("image/png", "image/jpeg", "image/gif", "image/webp");

  private final ChatFiles files;

  public ChatFilesApi(ChatFiles files) {
    this.files = files;
  }

  public void register(RoutesConfig routes) {
    routes.get("/api/v1/get-upload-file", this::content);
  }

  private void content(Context ctx) {
    var flowId = required(ctx, "chatflowId");
    var chatId = required(ctx, "chatId");
    var name = required(ctx, "fileName");
    var file =
        files
            .find(flowId, chatId, name)
            .orElseThrow(() -> new ApiException(404, "There is no file " + name + " in this chat"));
    var shown = SHOWN.contains(file.mediaType()) && !"true".equals(ctx.queryParam("download"));
    ctx.contentType(shown ? file.mediaType() : "application/octet-stream")
        .header("X-Content-Type-Options", "nosniff")
        .header(
            "Content-Disposition",
            (shown ? "inline" : "attachment")
                + "; filename*=UTF-8''"
                + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20"))
        .result(file.content());
  }

  private static String required(Context ctx, String parameter) {
    var value = ctx.queryParam(parameter);
    if (value == null || value.isBlank()) {
      throw new ApiException(400, "Invalid file path: " + parameter + " is missing");
    }
    return value;
  }
}
