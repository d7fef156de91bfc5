package dev.millrace.platform.node;

import dev.millrace.cluster.ServiceSplit;
import dev.millrace.platform.db.Workspaces;
import dev.millrace.platform.prediction.FlowJobs;
import dev.millrace.platform.schedules.LocalBeat;
import dev.millrace.platform.schedules.QueueBeat;
import dev.millrace.platform.schedules.ScheduleBeat;
import dev.millrace.platform.schedules.ScheduleStore;
import dev.millrace.platform.schedules.ScheduledRuns;
import dev.millrace.platform.schedules.Schedules;

/** The schedules of a node. */
public final class NodeSchedules {
  private NodeSchedules() {}

  /**
   * Returns what keeps schedules. In MODE=queue Redis has the clock and workers take what is due;
   * in MODE=main this process has, if it runs flows at all.
   */
  public static Schedules of(Node node) {
    var store = new ScheduleStore(node.database(), node.clock());
    return new Schedules(
        store,
        node.shutdown().add("schedules", beat(node, store)),
        node.settings().limits().minScheduleInterval(),
        node.clock());
  }

  private static ScheduleBeat beat(Node node, ScheduleStore store) {
    var redis = node.redis().orElse(null);
    if (redis != null) {
      var name = QueueBeat.queueName(node.settings().queue().name());
      return new QueueBeat(node.queue(redis, name), node.clock(), node.json());
    }
    if (!node.serving(ServiceSplit.WORKFLOW)) {
      return ScheduleBeat.NONE;
    }
    var runs =
        new ScheduledRuns(
            store,
            node.flows(),
            new FlowJobs(new Workspaces(node.database()), node.json()),
            node.runtime().runner(),
            node.clock(),
            node.json());
    return new LocalBeat(node.clock(), runs::runIfFirst);
  }
}
