package dev.millrace.platform.cluster;

import dev.millrace.cluster.events.EventQueue;
import dev.millrace.cluster.events.EventQueueContract;
import dev.millrace.cluster.events.TransportEventQueue;
import dev.millrace.pgjobs.PgJobs;
import dev.millrace.pgjobs.SchemaOptions;
import dev.millrace.testing.TestPostgres;
import org.junit.jupiter.api.AutoClose;

class PgJobsEventQueueIT extends EventQueueContract {
  // Closed after the contract has closed its nodes.
  @AutoClose private final PgJobs jobs = connect();

  private static PgJobs connect() {
    var db = TestPostgres.createDatabase();
    return PgJobs.connect(db.jdbcUrl(), db.user(), db.password(), 24, SchemaOptions.DEFAULT);
  }

  @Override
  protected EventQueue newNode() {
    return new TransportEventQueue(
        new PgJobsEventTransport(jobs, PgJobsEventTransport.DEFAULT_LIMIT));
  }
}
