package dev.millrace.bullmq;

import tools.jackson.databind.JsonNode;

/** Which finished jobs stay: what a job says, else what its worker says, else all. */
final class BridgeKeep {
  private final BridgeBackendOptions options;

  BridgeKeep(BridgeBackendOptions options) {
    this.options = options;
  }

  KeepJobs completed(JsonNode ofJob) {
    return policy(ofJob.isMissingNode() ? options.removeOnComplete() : ofJob);
  }

  KeepJobs failed(JsonNode ofJob) {
    return policy(ofJob.isMissingNode() ? options.removeOnFail() : ofJob);
  }

  private static KeepJobs policy(JsonNode json) {
    if (json.isMissingNode()) {
      return KeepJobs.ALL;
    }
    var stored = Json.object();
    stored.set("removeOnComplete", json);
    return Failure.keep(JobOptionsJson.read(Json.write(stored)).removeOnComplete(), null);
  }
}
