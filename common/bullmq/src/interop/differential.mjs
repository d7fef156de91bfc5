// The operations that are compared. Those of a queue's state that BullMQ is known to get wrong, and this library
// not, are left out: bulk retries of jobs with priorities, draining and pausing with schedulers.

const HOUR = 3600000;
const MINUTE = 60000;

/** Returns one operation, which is told of the side that it is done on. */
export function operation(r, bullmq) {
  const value = r.pick([{ a: 1 }, 'text', null, [1, 2], 'Grüße 🌊', 0]);
  const nth = r.below(12);
  const keep = r.pick([undefined, true, false, 2, { count: 1 }, { age: 3600, count: 3 }]);
  const attempts = r.pick([1, 2, 3]);
  const policy = r.pick([
    {}, { failParentOnFailure: true }, { ignoreDependencyOnFailure: true }, { removeDependencyOnFailure: true },
    { continueParentOnFailure: true }]);
  const id = String(1 + nth);
  const held = side => side.held[nth % Math.max(side.held.length, 1)];
  const parted = how => async side => {
    const job = held(side);
    if (!job) return 'nothing held';
    side.held.splice(side.held.indexOf(job), 1);
    return how(job, side);
  };
  const found = how => async side => {
    const job = await side.queue.getJob(id);
    return job ? how(job, side) : 'no job';
  };
  const add = opts => async side => (await side.queue.add(`n${nth}`, value, opts)).id;
  const failing = (kind, text) => parted((job, side) => {
    const error = new kind(`${text} ${nth}`);
    // The same on both sides.
    error.stack = `Error: ${text} ${nth}\n    at test`;
    return job.moveToFailed(error, 'token', false).then(() => job.id);
  });
  const operations = {
    add: add({ removeOnComplete: keep, attempts }),
    prioritized: add({ priority: 1 + nth, attempts: 2 }),
    lifo: add({ lifo: true, attempts: 3, backoff: { type: 'fixed', delay: HOUR }, keepLogs: 2 }),
    delayed: add({ delay: HOUR + nth * MINUTE, stackTraceLimit: 1, priority: nth % 3 }),
    dated: add({ delay: 2 * HOUR, timestamp: 1795335283663 + nth }),
    custom: add({ jobId: `own-${nth % 4}`, removeOnFail: keep }),
    deduplicated: add({ deduplication: { id: `d${nth % 3}` } }),
    throttled: add({ deduplication: { id: `t${nth % 2}`, ttl: HOUR } }),
    extended: add({ deduplication: { id: `t${nth % 2}`, ttl: HOUR, extend: true } }),
    replaced: add({ delay: HOUR, deduplication: { id: `r${nth % 2}`, ttl: HOUR, extend: true, replace: true } }),
    replacedOnce: add({ delay: HOUR, deduplication: { id: `r${nth % 2}`, replace: true } }),
    last: add({ deduplication: { id: `k${nth % 2}`, keepLastIfActive: true } }),
    bulk: async side => (await side.queue.addBulk(
      [1, 2, 3].map(n => ({ name: `b${n}`, data: value, opts: { priority: n === 2 ? 3 : 0 } })))).map(j => j.id),
    child: async side => {
      const parent = held(side);
      if (!parent) return 'no parent';
      return (await side.queue.add(
        'child', value, { parent: { id: parent.id, queue: side.queue.qualifiedName }, attempts: 1, ...policy })).id;
    },
    orphan: async side => (await side.queue.add(
      'child', value, { parent: { id: 'none', queue: side.queue.qualifiedName } })).id,
    flow: async side => {
      const queueName = side.name;
      const tree = await side.flows.add({
        name: 'parent', queueName, data: value, opts: { jobId: `p${nth}`, priority: nth % 2 },
        children: [1, 2].map(n => ({ name: 'kid', queueName, data: n, opts: { jobId: `p${nth}-${n}`, ...policy } })),
      });
      return tree.job.id;
    },
    pause: side => side.queue.pause(),
    resume: side => side.queue.resume(),
    isPaused: side => side.queue.isPaused(),
    remove: side => side.queue.remove(id),
    removeFamily: side => side.queue.remove(`p${nth}`),
    removeOwn: side => side.queue.remove(`own-${nth % 4}`),
    state: side => side.queue.getJobState(id),
    counts: side => side.queue.getJobCounts(),
    priorities: side => side.queue.getCountsPerPriority([0, 1, 2, 3, 9]),
    ranges: side => side.queue.getRanges(['wait', 'active', 'delayed', 'prioritized'], 0, nth, nth % 2 === 0),
    dependencies: async side => (await side.queue.getJob(`p${nth}`))?.getDependenciesCount(),
    owner: side => side.queue.getDeduplicationJobId(`d${nth % 3}`),
    free: side => side.queue.removeDeduplicationKey(`d${nth % 3}`),
    freeOwn: found(job => job.removeDeduplicationKey()),
    fetch: async side => {
      const job = await side.worker.getNextJob('token', { block: false });
      if (job) side.held.push(job);
      return job && [job.id, job.name, job.data, job.attemptsStarted, job.deferredFailure];
    },
    progress: async side => held(side)?.updateProgress({ percent: nth }),
    data: found(job => job.updateData({ nth })),
    log: async side => held(side)?.log(`row ${nth}`),
    logs: side => side.queue.getJobLogs(id),
    complete: parted(job => job.moveToCompleted(value, 'token', false).then(() => job.id)),
    completeTwice: async side => held(side)?.moveToCompleted(value, 'wrong', false),
    completeAndFetch: parted(async (job, side) => {
      const [json, next] = await job.moveToCompleted(value, 'token', true) ?? [];
      if (json) side.held.push(bullmq.Job.fromJSON(side.worker, json, next));
      return json ? [next, json.name] : 'none';
    }),
    fail: failing(Error, 'boom'),
    giveUp: failing(bullmq.UnrecoverableError, 'no'),
    putBack: parted(job => job.moveToWait('token').then(() => job.id)),
    postpone: parted(job => job.moveToDelayed(Date.now() + HOUR, 'token').then(() => job.id)),
    waitForChildren: async side => {
      const job = held(side);
      if (!job) return 'nothing held';
      const moved = await job.moveToWaitingChildren('token');
      if (moved) side.held.splice(side.held.indexOf(job), 1);
      return moved;
    },
    extend: async side => held(side)?.extendLock('token', HOUR),
    promote: found(job => job.promote()),
    changeDelay: found(job => job.changeDelay((1 + nth) * HOUR)),
    changePriority: found(job => job.changePriority({ priority: nth % 4, lifo: nth % 3 === 0 })),
    retryFailed: found(job => job.retry('failed', { resetAttemptsMade: nth % 2 === 0 })),
    retryCompleted: found(job => job.retry('completed', { resetAttemptsStarted: nth % 2 === 0 })),
    leave: async side => (await side.queue.getJob(`p${nth}-1`))?.removeChildDependency(),
    unprocessed: async side => (await side.queue.getJob(`p${nth}`))?.removeUnprocessedChildren(),
    clean: async side => (await side.queue.clean(
      -1000, 0, ['completed', 'failed', 'delayed', 'prioritized', 'wait'][nth % 5])).sort(),
    limit: side => side.queue.rateLimit(HOUR),
    unlimit: side => side.queue.removeRateLimitKey(),
    concurrency: side => side.queue.setGlobalConcurrency(1 + nth % 3),
    anyConcurrency: side => side.queue.removeGlobalConcurrency(),
    maxed: side => side.queue.isMaxed(),
    metrics: async side => (await side.queue.getMetrics('completed')).meta.count,
    publish: side => side.queue.backend.publishEvent({ event: 'mine', nth }, 10000).then(() => 'sent'),
  };
  const often = [
    'fetch', 'fetch', 'fetch', 'fetch', 'complete', 'complete', 'complete', 'fail', 'resume', 'resume', 'add', 'flow',
    'anyConcurrency', 'unlimit'];
  const name = r.pick([...Object.keys(operations), ...often]);
  return { name, run: operations[name] };
}
