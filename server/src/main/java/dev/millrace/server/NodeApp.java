package dev.millrace.server;

import dev.millrace.platform.health.HealthServer;
import dev.millrace.platform.node.Node;
import dev.millrace.platform.node.NodeKind;
import dev.millrace.platform.node.NodeOpener;
import dev.millrace.platform.process.Launcher;
import dev.millrace.worker.WorkerApp;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One node: whatever WORKER_MODE says of requests and services, in one process. */
final class NodeApp {
  private static final Logger LOG = LoggerFactory.getLogger(NodeApp.class);

  private NodeApp() {}

  /** Returns what opens a node; it is open once it answers and takes jobs. */
  static Launcher.Opener of(NodeKind kind) {
    return (settings, shutdown) -> {
      var node = NodeOpener.open(settings, shutdown, kind);
      if (node.isTransient()) {
        LOG.info("WORKER_MODE=-: the stores are ready, and this node serves nothing; it ends");
        shutdown.exit(0);
        return;
      }
      WorkerApp.serve(node);
      if (node.serving()) {
        ServerApp.serve(node);
      } else {
        serveHealth(node);
      }
      node.begin();
    };
  }

  private static void serveHealth(Node node) {
    var announcement = node.announcement();
    var server =
        node.shutdown()
            .add(
                "health",
                new HealthServer(node.settings().http().workerPort(), announcement.status()));
    LOG.info(
        "Millrace serves {} of {} (health on port {})",
        announcement.facts().serves(),
        node.settings().queue().name(),
        server.port());
  }
}
