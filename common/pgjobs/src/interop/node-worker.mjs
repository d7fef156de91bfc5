// A worker of graphile-worker in a process of its own, which may be killed. Prints the names in which it
// locks jobs, one per line. Argument: JSON of { folder, url, schema, tasks, options, name }.
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { taskList } from './tasks.mjs';

const { folder, url, schema, tasks, options, name } = JSON.parse(process.argv[2]);
const { run, Logger } = createRequire(`${folder}/`)('graphile-worker');
const events = new EventEmitter();
events.on('pool:create', ({ workerPool }) => { if (workerPool.id) console.log(workerPool.id); });
events.on('worker:create', ({ worker }) => console.log(worker.workerId));
const runner = await run({
  connectionString: url, schema, events, noHandleSignals: true, logger: new Logger(() => () => {}),
  taskList: taskList(tasks, name), crontab: '', ...options,
});
console.log('ready');
process.on('SIGTERM', () => runner.stop().then(() => process.exit(0), () => process.exit(1)));
await runner.promise;
