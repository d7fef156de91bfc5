package dev.millrace.server.dashboard;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.millrace.bullmq.Compat;
import dev.millrace.bullmq.QueueOptions;
import dev.millrace.bullmq.RedisConnections;
import dev.millrace.platform.apikeys.ApiKeyStore;
import dev.millrace.platform.history.JobHistoryStore;
import dev.millrace.platform.node.Announcement;
import dev.millrace.platform.settings.Secret;
import dev.millrace.platform.settings.Settings;
import dev.millrace.server.http.ClientAddress;
import io.javalin.config.RoutesConfig;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** Puts the dashboard together. */
public final class Dashboards {
  private Dashboards() {}

  /**
   * What it stands on.
   *
   * @param adminKeyName what the key is called that the first start made
   * @param sessionSecret a text that all servers share and nobody else knows
   * @param further sources of queues besides Redis
   * @param announcement knows the nodes
   */
  public record Parts(
      Settings settings,
      ApiKeyStore keys,
      String adminKeyName,
      Secret sessionSecret,
      JobHistoryStore history,
      List<QueueSource> further,
      Announcement announcement,
      InstantSource clock,
      JsonMapper json) {
    public Parts {
      further = List.copyOf(further);
    }
  }

  /** Returns the dashboard of the queues of a Redis. */
  public static Dashboard open(Parts parts, RedisConnections redis, List<String> own) {
    var settings = parts.settings();
    var json = parts.json();
    var redaction = new Redaction(settings.dashboard().redact(), json);
    // Flowise's servers and workers are of BullMQ 5 and share the queues: they look for the jobs of
    // a paused queue where version 5 keeps them.
    var options =
        QueueOptions.DEFAULT
            .withCompat(Compat.V5)
            .withMaxLenEvents(settings.queue().eventStreamMaxLen());
    var queues = new BullQueues(redis, options, own, new BullQueue.Parts(json, redaction));
    var sources = new ArrayList<QueueSource>(List.of(queues));
    sources.addAll(parts.further());
    var board = new Board(sources);
    var jobs = new JobJson(json, redaction);

    var routes = new BoardRouter();
    // In this order: what is literal in one is an id in another.
    new QueuePages(board, jobs, json, queues::serverInfo).register(routes);
    new HistoryPages(parts.history(), json).register(routes);
    new QueueChanges(board, jobs, json).register(routes);
    new JobPages(board, jobs, json).register(routes);

    var plain = new PlainPages(Dashboard.PATH);
    var access = access(parts);
    var ancestors = String.join(" ", settings.http().iframeOrigins());
    return new Dashboard(
        access,
        routes,
        new BoardPage(new BoardUi(), plain, ancestors, json),
        new LoginPages(access, plain),
        new NodePage(parts.announcement(), plain),
        json);
  }

  /** Says, where there is no Redis, how to get a queue. */
  public static void registerExplanation(RoutesConfig routes) {
    var page = new PlainPages(Dashboard.PATH).noQueue();
    routes.get(Dashboard.PATH, ctx -> BoardPage.sendHtml(ctx, 404, page));
    routes.get(Dashboard.PATH + "/*", ctx -> BoardPage.sendHtml(ctx, 404, page));
  }

  private static Access access(Parts parts) {
    var settings = parts.settings();
    return new Access(
        new DashboardKeys(
            parts.keys(),
            parts.adminKeyName(),
            settings.secrets().adminApiKey(),
            settings.dashboard().viewerKey()),
        new Sessions(parts.sessionSecret().reveal(), parts.clock()),
        new LoginLimits(Ticker.systemTicker()),
        new ClientAddress(settings.http().trustProxy()),
        Dashboard.PATH);
  }
}
