// bull-board's own server over the queues that are named: node board.mjs REDIS_URL QUEUE...
// Prints its port when it listens, and ends when its input does.
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { Queue } from 'bullmq';
import express from 'express';

const [redis, ...names] = process.argv.slice(2);
const url = new URL(redis);
const connection = { host: url.hostname, port: Number(url.port) };
const queues = names.map((name) => new Queue(name, { connection, skipMetasUpdate: true }));

const serverAdapter = new ExpressAdapter();
serverAdapter.setBasePath('/admin/queues');
createBullBoard({ queues: queues.map((queue) => new BullMQAdapter(queue)), serverAdapter });
const app = express();
app.use('/admin/queues', serverAdapter.getRouter());
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit(0)).resume();
