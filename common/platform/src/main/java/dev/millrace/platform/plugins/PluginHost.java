package dev.millrace.platform.plugins;

import dev.millrace.cluster.ServiceSplit;
import dev.millrace.platform.cluster.ClusterServices;
import dev.millrace.platform.db.Database;
import dev.millrace.platform.tasks.Tasks;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;

/**
 * The node as plugins see it.
 *
 * @param settings values of variables that begin with {@code PLUGIN_}
 */
public record PluginHost(
    ServiceSplit split,
    ClusterServices cluster,
    Database database,
    Tasks tasks,
    MeterRegistry meters,
    Map<String, String> settings) {
  public PluginHost {
    settings = Map.copyOf(settings);
  }
}
