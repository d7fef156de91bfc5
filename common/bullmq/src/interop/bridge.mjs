// Starts the Java program and talks to it in JSON lines (see Bridge.java).
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../../../bin/bullmq-bridge', import.meta.url));

export const url = new URL(process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379');
export const connection = { host: url.hostname, port: Number(url.port || 6379) };

export class Bridge extends EventEmitter {
  #process;
  #calls = new Map();
  #lastId = 0;

  static async start() {
    const bridge = new Bridge();
    await once(bridge, 'ready');
    return bridge;
  }

  constructor() {
    super();
    this.#process = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#process.stdout }).on('line', line => this.#receive(line));
    this.#process.on('exit', () => {
      for (const { reject } of this.#calls.values()) reject(new Error('the Java program ended'));
    });
  }

  call(op, h, ...args) {
    const id = ++this.#lastId;
    const to = op.startsWith('backend.') ? { b: h } : { h };
    this.#process.stdin.write(JSON.stringify({ id, op, ...to, args }) + '\n');
    return new Promise((resolve, reject) => this.#calls.set(id, { resolve, reject }));
  }

  openQueue(name, options = {}) {
    return this.call('queue.open', undefined, name, { connection, ...options });
  }

  openEvents(name, options = {}) {
    return this.call('events.open', undefined, name, { connection, ...options });
  }

  startWorker(name, processor, options = {}) {
    return this.call('worker.start', undefined, name, { connection, drainDelay: 1, ...options }, processor);
  }

  async kill() {
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }

  async end() {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.stdin.end();
      await once(this.#process, 'exit');
    }
  }

  #receive(line) {
    const frame = JSON.parse(line);
    if (frame.ready) {
      this.emit('ready');
    } else if (frame.ev) {
      this.emit(frame.ev, frame.h, ...frame.args);
    } else {
      const { resolve, reject } = this.#calls.get(frame.id);
      this.#calls.delete(frame.id);
      frame.ok ? resolve(frame.result) : reject(Object.assign(new Error(frame.error.message), frame.error));
    }
  }
}
