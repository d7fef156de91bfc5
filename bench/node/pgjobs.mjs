// Node's side of bench/run pgjobs: does what a line of JSON on standard input asks for, and answers with one.
// PgJobsPeer is the same for ours. Environment: GRAPHILE_FOLDER (where graphile-worker is installed),
// DATABASE_URL.
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(`${process.env.GRAPHILE_FOLDER}/package.json`);
const { Logger, makeWorkerUtils, run, runOnce } = require('graphile-worker');
const connectionString = process.env.DATABASE_URL;
const logger = new Logger(() => () => {});

// Its own settings for speed, those of its perfTest; without batching, its defaults.
const options = ({ concurrency, batched }) => ({
  connectionString,
  logger,
  noHandleSignals: true,
  concurrency,
  maxPoolSize: concurrency + 1,
  ...(batched && {
    preset: {
      worker: {
        localQueue: { size: 500, refetchDelay: { durationMs: 10 } },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
  }),
});

const seconds = (since) => Number(process.hrtime.bigint() - since) / 1e9;

const operations = {
  /** What waits already, until nothing is left. */
  async process(request) {
    const seen = new Set();
    let delivered = 0;
    const start = process.hrtime.bigint();
    await runOnce({
      ...options(request),
      taskList: { bench: (payload) => { delivered++; seen.add(payload.i); } },
    });
    return { seconds: seconds(start), delivered, unique: seen.size };
  },

  /** What waits in named queues, for at most so many seconds. */
  async queues(request) {
    let done = 0;
    let finished;
    const all = new Promise((resolve) => { finished = resolve; });
    const events = new EventEmitter();
    events.on('job:complete', () => { if (++done === request.jobs) finished(); });
    const start = process.hrtime.bigint();
    const runner = await run({ ...options(request), events, crontab: '', taskList: { bench: () => {} } });
    const limit = setTimeout(finished, request.limit * 1000);
    await all;
    clearTimeout(limit);
    const took = seconds(start);
    const answer = { seconds: took / done * request.jobs, done };
    await runner.stop();
    return answer;
  },

  /** From the call that adds a job until an idle worker begins it. */
  async latency(request) {
    let begun;
    const runner = await run({
      ...options(request), crontab: '', taskList: { bench: () => begun(process.hrtime.bigint()) },
    });
    const utils = await makeWorkerUtils({ connectionString, logger });
    const latencies = [];
    for (let i = 0; i < request.jobs + 100; i++) {
      // Long enough for the worker to have gone back to sleep.
      await new Promise((resolve) => { setTimeout(resolve, 3); });
      const at = new Promise((resolve) => { begun = resolve; });
      const start = process.hrtime.bigint();
      await utils.addJob('bench', { i });
      if (i >= 100) latencies.push(Number((await at) - start) / 1e9);
      else await at;
    }
    await runner.stop();
    await utils.release();
    latencies.sort((a, b) => a - b);
    return { seconds: latencies[Math.floor(latencies.length / 2)] };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  console.log(JSON.stringify(await operations[request.operation](request)));
}
process.exit(0);
