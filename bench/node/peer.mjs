// Node's side of bench/run bullmq: does what a line of JSON on standard input asks for, and answers with
// one. JavaPeer is the same for ours. Environment: BULLMQ_FOLDER (where bullmq is installed), REDIS_PORT.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(`${process.env.BULLMQ_FOLDER}/package.json`);
const { FlowProducer, Queue, Worker } = require('bullmq');
const connection = { host: '127.0.0.1', port: Number(process.env.REDIS_PORT), maxRetriesPerRequest: null };
const FINISHED = { removeOnComplete: true, removeOnFail: true };
const CHUNK = 1000;

const seconds = (since) => Number(process.hrtime.bigint() - since) / 1e9;
const bulk = (n) => Array.from({ length: n }, (_, i) => ({ name: 'job', data: { i }, opts: FINISHED }));

async function fill(queue, jobs) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < jobs; i += CHUNK) await queue.addBulk(bulk(Math.min(CHUNK, jobs - i)));
  return { seconds: seconds(start) };
}

const operations = {
  addBulk: (queue, { jobs }) => fill(queue, jobs),

  /** Jobs that wait already, through one worker; every id has to come once. */
  async process(queue, { jobs, concurrency }) {
    await fill(queue, jobs);
    const seen = new Set();
    let delivered = 0;
    let done;
    const finished = new Promise((resolve) => { done = resolve; });
    const start = process.hrtime.bigint();
    const worker = new Worker(queue.name, async (job) => {
      delivered++;
      seen.add(job.id);
    }, { connection, concurrency });
    let completed = 0;
    worker.on('completed', () => { if (++completed === jobs) done(); });
    await finished;
    const took = seconds(start);
    await worker.close();
    return { seconds: took, delivered, unique: seen.size };
  },

  async addSequential(queue, { jobs }) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < jobs; i++) await queue.add('job', { i }, FINISHED);
    return { seconds: seconds(start) };
  },

  async addConcurrent(queue, { jobs, concurrency }) {
    const start = process.hrtime.bigint();
    const each = Math.floor(jobs / concurrency);
    await Promise.all(Array.from({ length: concurrency }, async () => {
      for (let i = 0; i < each; i++) await queue.add('job', { i }, FINISHED);
    }));
    return { seconds: seconds(start) };
  },

  /** From the call that adds a job until an idle worker begins it. */
  async wake(queue, { jobs }) {
    let begun;
    const worker = new Worker(queue.name, async () => begun(process.hrtime.bigint()), { connection });
    await worker.waitUntilReady();
    const latencies = [];
    for (let i = 0; i < jobs; i++) {
      // Long enough for the worker to have gone back to sleep.
      await new Promise((resolve) => { setTimeout(resolve, 5); });
      const start = process.hrtime.bigint();
      const at = new Promise((resolve) => { begun = resolve; });
      await queue.add('job', { i }, FINISHED);
      latencies.push(Number((await at) - start) / 1e6);
    }
    await worker.close();
    latencies.sort((a, b) => a - b);
    return { seconds: latencies[Math.floor(jobs / 2)] / 1e3 };
  },

  async flow(queue, { jobs, children }) {
    const producer = new FlowProducer({ connection });
    const start = process.hrtime.bigint();
    for (let i = 0; i < jobs; i++) {
      await producer.add({
        name: 'parent', queueName: queue.name, data: { i },
        children: bulk(children).map((child) => ({ ...child, queueName: queue.name })),
      });
    }
    const took = seconds(start);
    await producer.close();
    return { seconds: took };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const queue = new Queue(request.queue, { connection });
  await queue.waitUntilReady();
  const answer = await operations[request.operation](queue, request);
  await queue.close();
  console.log(JSON.stringify(answer));
}
process.exit(0);
