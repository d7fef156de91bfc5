// Lets Node's own Queue, Worker, Job and FlowProducer classes run on Java: every operation of their backend
// is sent over the bridge. What is left to Node is its own names, events and connections.
import { connection as defaultConnection } from './bridge.mjs';

const operations = [
  'addJob', 'addJobs', 'addJobScheduler', 'updateJobSchedulerNextMillis', 'removeJobScheduler',
  'isJobScheduler', 'getJobSchedulerData', 'getJobScheduler', 'getJobSchedulersRange',
  'getJobSchedulersCount', 'moveToActive', 'moveToCompleted', 'moveToFailed', 'moveToDelayed',
  'moveToWaitingChildren', 'moveJobFromActiveToWait', 'retryJob', 'retryFinishedJob',
  'retryFinishedJobs', 'promoteJobs', 'promote', 'moveStalledJobsToWait', 'pause', 'drain',
  'cleanJobsByState', 'obliterate', 'removeOrphanedJobs', 'extendLock', 'extendLocks', 'updateData',
  'updateProgress', 'addLog', 'clearLogs', 'changeDelay', 'changePriority', 'remove',
  'removeUnprocessedChildren', 'removeChildDependency', 'removeDeduplicationKey',
  'deleteDeduplicationKey', 'getDeduplicationJobId', 'getState', 'isFinished', 'isMaxed',
  'isJobInState', 'getJobData', 'getJobLogs', 'getRateLimitTtl', 'setRateLimit', 'removeRateLimitKey',
  'getCounts', 'getCountsPerPriority', 'getRanges', 'getDependencyCounts', 'getDependencies',
  'getProcessedChildrenValues', 'getIgnoredChildrenFailures', 'getMetrics', 'getClientList', 'paginate',
  'setQueueMeta', 'getQueueMetaField', 'getQueueMetaFields', 'getQueueMeta', 'removeQueueMetaFields',
  'hasQueueMetaField', 'removeDeprecatedPriorityKey', 'trimEvents', 'publishEvent', 'readEvents',
  'waitForJob', 'disconnectBlocking', 'reconnectBlocking',
];

/** Nothing is undefined there, where Node's own backend says null. */
const nullable = new Set([
  'getDeduplicationJobId', 'getQueueMetaField', 'updateJobSchedulerNextMillis', 'waitForJob', 'readEvents',
]);

/** Returns a factory for the third argument of Queue, the fourth of Worker. */
export function javaBackend(bridge, bullmq, connection = defaultConnection) {
  return (name, opts, more) => {
    const { prefix, lockDuration, stalledInterval, maxStalledCount, limiter, metrics } = opts;
    const opened = bridge.call('backend.open', undefined, name, {
      connection, prefix, lockDuration, stalledInterval, maxStalledCount, limiter, metrics, name: opts.name,
      removeOnComplete: opts.removeOnComplete, removeOnFail: opts.removeOnFail,
    });
    return onJava(bridge, bullmq, bullmq.createRedisBackend(name, opts, more), opened);
  };
}

function onJava(bridge, bullmq, backend, opened) {
  opened.catch(() => {});
  const send = async (method, ...args) =>
    bridge.call(`backend.${method}`, await opened, ...args.map(plain)).catch(error => {
      throw revived(error, bullmq);
    });
  for (const method of operations) {
    backend[method] = async (...args) => {
      const reply = await send(method, ...args);
      return reply === null && !nullable.has(method) ? undefined : reply;
    };
  }
  backend.addJobs = async entries => (await send('addJobs', entries)).map(reply => {
    if (reply.message) throw revived(reply, bullmq);
    return reply;
  });
  backend.addFlow = async entries =>
    (await send('addFlow', entries)).map(reply => [null, reply.message ? reply.code : reply]);
  const { forQueue, close } = backend;
  backend.forQueue = (...args) =>
    onJava(bridge, bullmq, forQueue.apply(backend, args), send('forQueue', ...args));
  let closed;
  backend.close = async force => {
    closed ??= send('close');
    await Promise.all([closed, close.call(backend, force)]);
  };
  return backend;
}

/** What is left of a Job when it travels. */
function plain(arg) {
  if (arg && typeof arg === 'object' && 'queueQualifiedName' in arg) {
    const {
      id, name, data, opts, attemptsMade, timestamp, delay, stacktrace, parentKey, parent, queueQualifiedName,
      prefix, queueName,
    } = arg;
    return {
      id, name, data, opts, attemptsMade, timestamp, delay, stacktrace, parentKey, parent, queueQualifiedName,
      prefix, queueName,
    };
  }
  return arg === undefined ? null : arg;
}

function revived({ message, code, name }, bullmq) {
  const error = name === 'UnrecoverableError' ? new bullmq.UnrecoverableError(message) : new Error(message);
  if (code !== undefined) error.code = code;
  return error;
}
