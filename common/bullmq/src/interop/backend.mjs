// Lets Node's own Queue and Worker classes run on Java: they get a backend of theirs whose operations
// that Java has are sent over the bridge; the others still go to Redis.
import { connection as defaultConnection } from './bridge.mjs';

const served = [
  'addJob', 'addJobs', 'moveToActive', 'moveToCompleted', 'moveToFailed', 'moveToDelayed', 'retryJob',
  'moveJobFromActiveToWait', 'moveStalledJobsToWait', 'extendLock', 'extendLocks', 'updateProgress',
  'addLog', 'pause', 'remove', 'getState', 'getCounts', 'publishEvent',
];

/** Returns a factory for the third argument of Queue, the fourth of Worker. */
export function javaBackend(bridge, bullmq, connection = defaultConnection) {
  return (name, opts, more) => {
    const backend = bullmq.createRedisBackend(name, opts, more);
    const { prefix, lockDuration, stalledInterval, maxStalledCount } = opts;
    const opened = bridge.call('backend.open', undefined, name, {
      connection, prefix, lockDuration, stalledInterval, maxStalledCount, name: opts.name,
    });
    for (const method of served) {
      const original = backend[method].bind(backend);
      backend[method] = async (...args) => {
        // A parent of a flow begins in another state, which only whole flows reach.
        if (method === 'addJob' && args[2]?.addToWaitingChildren) return original(...args);
        const reply = await bridge.call(`backend.${method}`, await opened, ...args.map(plain));
        return results[method]?.(reply, bullmq) ?? absent(reply);
      };
    }
    return backend;
  };
}

/** Fetching answers with the hash of the job as it is stored, which Node's own function reads. */
const next = (tuple, { raw2NextJobData }) => tuple?.[0]
  ? raw2NextJobData([Object.entries(tuple[0]).flat(), tuple[1], tuple[2], tuple[3]])
  : tuple ?? undefined;
const finished = (reply, bullmq) => ({ ...reply, result: next(reply.result, bullmq) });
const results = {
  moveToActive: next, moveToDelayed: next, moveToCompleted: finished, moveToFailed: finished,
};

/** What is left of a Job when it travels. */
function plain(arg) {
  if (arg && typeof arg === 'object' && 'queueQualifiedName' in arg) {
    const { id, name, data, opts, attemptsMade, timestamp, delay, stacktrace, parentKey } = arg;
    return { id, name, data, opts, attemptsMade, timestamp, delay, stacktrace, parentKey };
  }
  return arg === undefined ? null : arg;
}

/** Node's classes tell "no result" from null. */
function absent(reply) {
  return reply === null ? undefined : reply;
}
