// Prepares a fresh context and returns the handles by which the host drives it. It takes what it needs
// from the built-in objects before the user's code can change them, and no object of the host
// is within the script's reach: values come and go as JSON text.
(function () {
  'use strict';
  const { parse, stringify } = JSON;
  const { apply, defineProperty } = Reflect;
  const { keys } = Object;
  const { now } = Date;
  const { max, min } = Math;
  const then = Promise.prototype.then;
  const toText = String;
  const TypeError_ = TypeError;
  const Error_ = Error;
  const MAX_TIMERS = 1000;

  const define = (name, value) =>
    defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });

  // Shared memory would allow a wait that nobody can interrupt.
  delete globalThis.SharedArrayBuffer;
  delete globalThis.Atomics;

  let state = 'pending';
  let text = '';

  const fail = (error) => {
    if (state === 'pending') {
      state = 'failed';
      try {
        text = toText(error);
      } catch {
        text = 'an error that cannot be shown';
      }
    }
  };

  const finish = (value, limit) => {
    let json;
    try {
      json = typeof value === 'bigint' ? stringify(toText(value)) : stringify(value);
    } catch (error) {
      fail(new TypeError_('the result cannot be written as JSON: ' + error.message));
      return;
    }
    if (json === undefined) {
      state = 'undefined';
    } else if (json.length > limit) {
      fail(new Error_('the result has ' + json.length + ' characters of JSON; at most ' + limit + ' are permitted'));
    } else {
      state = 'value';
      text = json;
    }
  };

  let timers = [];
  let lastTimer = 0;
  const start = (callback, delay, every, args) => {
    if (typeof callback !== 'function') {
      throw new TypeError_('the callback of a timer must be a function');
    }
    if (timers.length >= MAX_TIMERS) {
      throw new Error_('more than ' + MAX_TIMERS + ' timers');
    }
    const pause = max(1, min(+delay || 0, 2147483647));
    const timer = { __proto__: null, id: ++lastTimer, due: now() + pause, callback, args, pause: every ? pause : 0 };
    timers[timers.length] = timer;
    return timer.id;
  };
  const stop = (id) => {
    const kept = [];
    for (let i = 0; i < timers.length; i++) {
      if (timers[i].id !== id) {
        kept[kept.length] = timers[i];
      }
    }
    timers = kept;
  };
  const earliest = () => {
    let first;
    for (let i = 0; i < timers.length; i++) {
      if (first === undefined || timers[i].due < first.due) {
        first = timers[i];
      }
    }
    return first;
  };
  define('setTimeout', (callback, delay, ...args) => start(callback, delay, false, args));
  define('setInterval', (callback, delay, ...args) => start(callback, delay, true, args));
  define('setImmediate', (callback, ...args) => start(callback, 0, false, args));
  define('clearTimeout', stop);
  define('clearInterval', stop);
  define('clearImmediate', stop);

  let deliver;

  return {
    __proto__: null,
    // The modules, with the function by which they reach the host.
    install: (modules, host) => {
      deliver = modules(host, define);
    },
    // Hands the host's answer to a request to whoever waits for it.
    deliver: (id, json) => deliver(id, json),
    // {"values": {name: value}, "missing": [name]}
    globals: (json) => {
      const { values, missing } = parse(json);
      const names = keys(values);
      for (let i = 0; i < names.length; i++) {
        define(names[i], values[names[i]]);
      }
      for (let i = 0; i < missing.length; i++) {
        define(missing[i], undefined);
      }
    },
    run: (body, limit) => {
      try {
        apply(then, body(), [(value) => finish(value, limit), fail]);
      } catch (error) {
        fail(error);
      }
    },
    state: () => state,
    text: () => text,
    // Milliseconds until the next timer, -1 when there is none.
    idle: () => {
      const timer = earliest();
      return timer === undefined ? -1 : max(0, timer.due - now());
    },
    // Runs one timer, so that what it resolves goes on before the next.
    fire: () => {
      const timer = earliest();
      if (timer === undefined || timer.due > now()) {
        return;
      }
      if (timer.pause > 0) {
        timer.due = now() + timer.pause;
      } else {
        stop(timer.id);
      }
      try {
        apply(timer.callback, undefined, timer.args);
      } catch (error) {
        fail(error);
      }
    },
  };
})()
