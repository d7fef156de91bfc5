// Starts the Java program and talks to it in JSON lines (see Bridge.java).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export class Bridge {
  #process;
  #calls = new Map();
  #lastId = 0;

  static async start() {
    const bridge = new Bridge();
    await bridge.ready;
    return bridge;
  }

  constructor() {
    this.#process = spawn(
      `${process.env.JAVA_HOME}/bin/java`,
      ['-Xmx256m', '--enable-native-access=ALL-UNNAMED', '--sun-misc-unsafe-memory-access=allow',
        '-cp', process.env.PGJOBS_CLASSPATH, 'dev.millrace.pgjobs.Bridge'],
      { stdio: ['pipe', 'pipe', 'inherit'] });
    this.ready = new Promise((resolve, reject) => {
      createInterface({ input: this.#process.stdout }).on('line', line => this.#receive(line, resolve));
      this.#process.on('exit', () => {
        const error = new Error('the Java program ended');
        reject(error);
        for (const call of this.#calls.values()) call.reject(error);
        this.#calls.clear();
      });
    });
  }

  call(op, h, ...args) {
    const id = ++this.#lastId;
    this.#process.stdin.write(JSON.stringify({ id, op, h, args }) + '\n');
    return new Promise((resolve, reject) => this.#calls.set(id, { resolve, reject }));
  }

  /** Ends it by a signal, and waits until it is gone. */
  async signal(name) {
    const exited = once(this.#process, 'exit');
    this.#process.kill(name);
    await exited;
  }

  async end() {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exited = once(this.#process, 'exit');
      this.#process.stdin.end();
      await exited;
    }
  }

  #receive(line, ready) {
    const frame = JSON.parse(line);
    if (frame.ready) return ready();
    const call = this.#calls.get(frame.id);
    this.#calls.delete(frame.id);
    if (frame.ok) call.resolve(frame.result);
    else call.reject(Object.assign(new Error(frame.error.message), frame.error));
  }
}
