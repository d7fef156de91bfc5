package dev.millrace.worker.tasks;

import dev.millrace.pgjobs.Task;
import dev.millrace.platform.jobs.BackgroundTask;
import dev.millrace.platform.jobs.BackgroundTasks;
import dev.millrace.platform.jobs.TaskEnvironment;

/** Deletes files of jobs that were kept long enough; comes once an hour. */
public final class CleanJobFiles implements BackgroundTask {
  @Override
  public String name() {
    return BackgroundTasks.CLEAN_FILES;
  }

  @Override
  public Task open(TaskEnvironment environment) {
    return job -> {
      var files = environment.files().deleteExpired();
      var mails = environment.mails().deleteExpired();
      job.logger().debug("Deleted {} files and {} keys of mails", files, mails);
    };
  }
}
