// What scripts may require, written for the sandbox: a small part of Node's modules, and HTTP through the
// host's guarded client. The host is reached by one function that takes and gives JSON text; it checks what
// it gets, so nothing here has to be safe from the script, only of use to it.
(function (host, define) {
  'use strict';
  const { parse, stringify } = JSON;
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const pending = { __proto__: null };

  const ask = (question) => {
    const answer = parse(host(stringify(question)));
    if (answer.error !== undefined) {
      throw new Error(answer.error);
    }
    return answer;
  };

  // --- Buffer, base64

  const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const toBase64 = (bytes) => {
    let text = '';
    for (let i = 0; i < bytes.length; i += 3) {
      const n = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
      text += DIGITS[(n >> 18) & 63] + DIGITS[(n >> 12) & 63];
      text += i + 1 < bytes.length ? DIGITS[(n >> 6) & 63] : '=';
      text += i + 2 < bytes.length ? DIGITS[n & 63] : '=';
    }
    return text;
  };
  const fromBase64 = (text) => {
    const clean = String(text).replace(/-/g, '+').replace(/_/g, '/').replace(/[^A-Za-z0-9+/]/g, '');
    const bytes = new Uint8Array(Math.floor((clean.length * 3) / 4));
    let at = 0;
    let bits = 0;
    let value = 0;
    for (const c of clean) {
      value = (value << 6) | DIGITS.indexOf(c);
      bits += 6;
      if (bits >= 8) {
        bits -= 8;
        bytes[at++] = (value >> bits) & 255;
      }
    }
    return bytes;
  };
  class Buffer extends Uint8Array {
    static from(value, encoding) {
      if (typeof value !== 'string') {
        return new Buffer(value instanceof ArrayBuffer ? new Uint8Array(value) : value);
      }
      switch (encoding) {
        case 'base64':
        case 'base64url':
          return new Buffer(fromBase64(value));
        case 'hex':
          return new Buffer((value.match(/[0-9a-f]{2}/gi) ?? []).map((pair) => parseInt(pair, 16)));
        case 'latin1':
        case 'binary':
          return new Buffer(Array.from(value, (c) => c.charCodeAt(0) & 255));
        default:
          return new Buffer(encoder.encode(value));
      }
    }
    static alloc(size, fill) {
      return new Buffer(size).fill(fill ?? 0);
    }
    static concat(list) {
      const whole = new Buffer(list.reduce((length, part) => length + part.length, 0));
      let at = 0;
      for (const part of list) {
        whole.set(part, at);
        at += part.length;
      }
      return whole;
    }
    static isBuffer(value) {
      return value instanceof Buffer;
    }
    static byteLength(value, encoding) {
      return Buffer.from(value, encoding).length;
    }
    toString(encoding) {
      switch (encoding) {
        case 'base64':
          return toBase64(this);
        case 'base64url':
          return toBase64(this).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
        case 'hex':
          return Array.from(this, (byte) => byte.toString(16).padStart(2, '0')).join('');
        case 'latin1':
        case 'binary':
          return Array.from(this, (byte) => String.fromCharCode(byte)).join('');
        default:
          return decoder.decode(this);
      }
    }
    toJSON() {
      return { type: 'Buffer', data: Array.from(this) };
    }
    equals(other) {
      return this.length === other.length && this.every((byte, i) => byte === other[i]);
    }
  }
  define('Buffer', Buffer);
  define('btoa', (text) => Buffer.from(String(text), 'latin1').toString('base64'));
  define('atob', (text) => Buffer.from(String(text), 'base64').toString('latin1'));

  // --- URL, query strings

  const encode = (text) => encodeURIComponent(text).replace(/%20/g, '+').replace(/[!'()~]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase());
  const decode = (text) => {
    try {
      return decodeURIComponent(text.replace(/\+/g, ' '));
    } catch {
      return text;
    }
  };
  class URLSearchParams {
    #pairs = [];
    constructor(init = '') {
      if (typeof init === 'string') {
        for (const part of init.replace(/^\?/, '').split('&')) {
          if (part !== '') {
            const equals = part.indexOf('=');
            this.append(decode(equals < 0 ? part : part.slice(0, equals)), equals < 0 ? '' : decode(part.slice(equals + 1)));
          }
        }
      } else {
        const pairs = typeof init[Symbol_iterator] === 'function' ? init : Object.entries(init);
        for (const [name, value] of pairs) {
          this.append(name, value);
        }
      }
    }
    append(name, value) {
      this.#pairs.push([String(name), String(value)]);
    }
    delete(name) {
      this.#pairs = this.#pairs.filter((pair) => pair[0] !== name);
    }
    get(name) {
      return this.#pairs.find((pair) => pair[0] === name)?.[1] ?? null;
    }
    getAll(name) {
      return this.#pairs.filter((pair) => pair[0] === name).map((pair) => pair[1]);
    }
    has(name) {
      return this.#pairs.some((pair) => pair[0] === name);
    }
    set(name, value) {
      this.delete(name);
      this.append(name, value);
    }
    forEach(callback) {
      this.#pairs.forEach(([name, value]) => callback(value, name, this));
    }
    entries() {
      return this.#pairs.map((pair) => [...pair]).values();
    }
    keys() {
      return this.#pairs.map((pair) => pair[0]).values();
    }
    values() {
      return this.#pairs.map((pair) => pair[1]).values();
    }
    [Symbol.iterator]() {
      return this.entries();
    }
    toString() {
      return this.#pairs.map(([name, value]) => encode(name) + '=' + encode(value)).join('&');
    }
  }
  const Symbol_iterator = Symbol.iterator;
  class URL {
    constructor(url, base) {
      Object.assign(this, ask({ op: 'url', url: String(url), base: base === undefined ? '' : String(base) }));
      this.searchParams = new URLSearchParams(this.search);
    }
    get origin() {
      return this.protocol + '//' + this.host;
    }
    get host() {
      return this.hostname + (this.port === '' ? '' : ':' + this.port);
    }
    get href() {
      const query = this.searchParams.toString();
      return this.origin + this.pathname + (query === '' ? '' : '?' + query) + this.hash;
    }
    toString() {
      return this.href;
    }
    toJSON() {
      return this.href;
    }
  }
  define('URL', URL);
  define('URLSearchParams', URLSearchParams);

  // --- HTTP

  const send = (request) =>
    new Promise((resolve, reject) => {
      pending[ask({ op: 'fetch', ...request }).id] = { resolve, reject };
    });

  class Headers {
    #map = new Map();
    constructor(init = {}) {
      const pairs = typeof init[Symbol_iterator] === 'function' ? init : Object.entries(init);
      for (const [name, value] of pairs) {
        this.set(name, value);
      }
    }
    get(name) {
      return this.#map.get(String(name).toLowerCase()) ?? null;
    }
    set(name, value) {
      this.#map.set(String(name).toLowerCase(), String(value));
    }
    append(name, value) {
      this.set(name, this.has(name) ? this.get(name) + ', ' + value : value);
    }
    has(name) {
      return this.#map.has(String(name).toLowerCase());
    }
    delete(name) {
      this.#map.delete(String(name).toLowerCase());
    }
    forEach(callback) {
      this.#map.forEach((value, name) => callback(value, name, this));
    }
    entries() {
      return this.#map.entries();
    }
    keys() {
      return this.#map.keys();
    }
    values() {
      return this.#map.values();
    }
    raw() {
      return Object.fromEntries([...this.#map].map(([name, value]) => [name, [value]]));
    }
    [Symbol.iterator]() {
      return this.entries();
    }
  }
  define('Headers', Headers);

  class FormData {
    fields = [];
    append(name, value, filename) {
      this.fields.push([String(name), value, filename]);
    }
    getHeaders() {
      return {};
    }
  }
  define('FormData', FormData);

  // Returns the body as text or base64, with the content type that follows from what it is.
  const body = (value) => {
    if (value === undefined || value === null) {
      return {};
    }
    if (value instanceof URLSearchParams) {
      return { text: value.toString(), type: 'application/x-www-form-urlencoded;charset=utf-8' };
    }
    if (value instanceof FormData) {
      const boundary = 'millrace-' + ask({ op: 'random', bytes: 16 }).hex;
      const parts = value.fields.map(([name, content, filename]) =>
        Buffer.concat([
          Buffer.from(
            '--' + boundary + '\r\nContent-Disposition: form-data; name="' + name.replace(/["\r\n]/g, '_') + '"' +
              (filename === undefined ? '' : '; filename="' + String(filename.filename ?? filename).replace(/["\r\n]/g, '_') + '"') +
              '\r\n\r\n'
          ),
          content instanceof Uint8Array ? content : Buffer.from(String(content)),
          Buffer.from('\r\n'),
        ])
      );
      const whole = Buffer.concat([...parts, Buffer.from('--' + boundary + '--\r\n')]);
      return { base64: toBase64(whole), type: 'multipart/form-data; boundary=' + boundary };
    }
    if (value instanceof ArrayBuffer || value instanceof Uint8Array) {
      return { base64: toBase64(value instanceof Uint8Array ? value : new Uint8Array(value)) };
    }
    return typeof value === 'string'
      ? { text: value, type: 'text/plain;charset=UTF-8' }
      : { text: stringify(value), type: 'application/json' };
  };

  class Response {
    #answer;
    constructor(answer, url) {
      this.#answer = answer;
      this.status = answer.status;
      this.statusText = answer.statusText;
      this.ok = answer.status >= 200 && answer.status < 300;
      this.headers = new Headers(answer.headers);
      this.url = url;
      this.bodyUsed = false;
    }
    async text() {
      this.bodyUsed = true;
      return this.#answer.text;
    }
    async json() {
      return parse(await this.text());
    }
    async buffer() {
      this.bodyUsed = true;
      const answer = this.#answer;
      return answer.base64 === undefined ? Buffer.from(answer.text) : Buffer.from(answer.base64, 'base64');
    }
    async arrayBuffer() {
      return (await this.buffer()).buffer;
    }
  }

  const pairs = (headers) => [...new Headers(headers ?? {})];

  const fetch = async (target, options = {}) => {
    const url = String(target?.url ?? target);
    const { text, base64, type } = body(options.body);
    const answer = await send({ url, method: options.method ?? 'GET', headers: pairs(options.headers), text, base64, type });
    return new Response(answer, url);
  };
  define('fetch', fetch);

  const withParams = (config) => {
    let url = String(config.url ?? '');
    if (config.baseURL !== undefined && !/^[a-z][a-z0-9+.-]*:/i.test(url)) {
      url = String(config.baseURL).replace(/\/+$/, '') + '/' + url.replace(/^\/+/, '');
    }
    const query = config.params === undefined || config.params === null ? '' : new URLSearchParams(config.params).toString();
    return query === '' ? url : url + (url.includes('?') ? '&' : '?') + query;
  };
  const tryJson = (text) => {
    try {
      return parse(text);
    } catch {
      return text;
    }
  };

  // Like Flowise's own, it never rejects because of a status.
  const axiosOf = (defaults) => {
    const request = async (first, second) => {
      const given = typeof first === 'string' ? { ...second, url: first } : first ?? {};
      const config = { ...defaults, ...given, headers: { ...defaults.headers, ...given.headers } };
      const headers = new Headers(config.headers);
      if (config.auth !== undefined) {
        headers.set('authorization', 'Basic ' + Buffer.from(config.auth.username + ':' + config.auth.password).toString('base64'));
      }
      const form = (headers.get('content-type') ?? '').startsWith('application/x-www-form-urlencoded');
      const plain = typeof config.data === 'object' && config.data !== null && Object.getPrototypeOf(config.data) === Object.prototype;
      const { text, base64, type } = body(form && plain ? new URLSearchParams(config.data) : config.data);
      const answer = await send({ url: withParams(config), method: String(config.method ?? 'GET'), headers: [...headers], text, base64, type: typeof config.data === 'string' ? 'application/x-www-form-urlencoded' : type });
      let data;
      switch (config.responseType) {
        case 'arraybuffer':
        case 'stream':
          data = answer.base64 === undefined ? Buffer.from(answer.text) : Buffer.from(answer.base64, 'base64');
          break;
        case 'text':
          data = answer.text;
          break;
        default:
          data = tryJson(answer.text);
      }
      return { data, status: answer.status, statusText: answer.statusText, headers: answer.headers, config };
    };
    const axios = (first, second) => request(first, second);
    axios.request = request;
    axios.defaults = defaults;
    axios.create = (config = {}) => axiosOf({ ...defaults, ...config, headers: { ...defaults.headers, ...config.headers } });
    axios.isAxiosError = () => false;
    for (const method of ['get', 'delete', 'head', 'options']) {
      axios[method] = (url, config) => request({ ...config, url, method });
    }
    for (const method of ['post', 'put', 'patch']) {
      axios[method] = (url, data, config) => request({ ...config, url, data, method });
    }
    axios.default = axios;
    return axios;
  };

  // --- crypto

  const bytesOf = (value, encoding) => toBase64(typeof value === 'string' ? Buffer.from(value, encoding) : value);
  const digest = (question) => {
    const parts = [];
    return {
      update(value, encoding) {
        parts.push(typeof value === 'string' ? Buffer.from(value, encoding) : Buffer.from(value));
        return this;
      },
      digest(encoding) {
        const result = Buffer.from(ask({ ...question, data: toBase64(Buffer.concat(parts)) }).base64, 'base64');
        return encoding === undefined ? result : result.toString(encoding);
      },
    };
  };
  const crypto = {
    createHash: (algorithm) => digest({ op: 'hash', algorithm: String(algorithm) }),
    createHmac: (algorithm, key) => digest({ op: 'hmac', algorithm: String(algorithm), key: bytesOf(key) }),
    randomBytes: (bytes) => Buffer.from(ask({ op: 'random', bytes }).hex, 'hex'),
    randomUUID: () => ask({ op: 'uuid' }).uuid,
    randomInt: (low, high) => {
      const [from, to] = high === undefined ? [0, low] : [low, high];
      return from + (parseInt(ask({ op: 'random', bytes: 6 }).hex, 16) % (to - from));
    },
    timingSafeEqual: (a, b) => Buffer.from(a).equals(Buffer.from(b)),
  };
  define('crypto', { randomUUID: crypto.randomUUID, getRandomValues: (array) => (array.set(crypto.randomBytes(array.length)), array) });

  // --- zlib

  const zip = (op, format) => (data, options, callback) => {
    const run = () => Buffer.from(ask({ op, format, data: bytesOf(data) }).base64, 'base64');
    const done = typeof options === 'function' ? options : callback;
    if (done === undefined) {
      return run();
    }
    let result;
    try {
      result = [null, run()];
    } catch (error) {
      result = [error];
    }
    globalThis.setTimeout(() => done(...result), 0);
  };
  const zlib = { __proto__: null };
  for (const [pack, unpack, format] of [
    ['gzip', 'gunzip', 'gzip'],
    ['deflate', 'inflate', 'deflate'],
    ['deflateRaw', 'inflateRaw', 'raw'],
  ]) {
    zlib[pack] = zlib[pack + 'Sync'] = zip('zip', format);
    zlib[unpack] = zlib[unpack + 'Sync'] = zip('unzip', format);
  }

  // --- small modules

  class EventEmitter {
    #listeners = new Map();
    on(name, listener) {
      this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
      return this;
    }
    addListener(name, listener) {
      return this.on(name, listener);
    }
    once(name, listener) {
      const once = (...args) => {
        this.off(name, once);
        listener.apply(this, args);
      };
      return this.on(name, once);
    }
    off(name, listener) {
      this.#listeners.set(name, (this.#listeners.get(name) ?? []).filter((each) => each !== listener));
      return this;
    }
    removeListener(name, listener) {
      return this.off(name, listener);
    }
    emit(name, ...args) {
      const listeners = this.#listeners.get(name) ?? [];
      listeners.forEach((listener) => listener.apply(this, args));
      return listeners.length > 0;
    }
  }
  EventEmitter.EventEmitter = EventEmitter;

  const normalize = (text) => {
    const parts = [];
    for (const part of text.split('/')) {
      if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') {
        parts.pop();
      } else if (part !== '' && part !== '.' && !(part === '..' && text.startsWith('/'))) {
        parts.push(part);
      }
    }
    return (text.startsWith('/') ? '/' : '') + parts.join('/') || '.';
  };
  const basename = (text, suffix = '') => {
    const name = text.replace(/\/+$/, '').split('/').at(-1);
    return suffix !== '' && name.endsWith(suffix) && name !== suffix ? name.slice(0, -suffix.length) : name;
  };
  const path = {
    sep: '/',
    normalize,
    join: (...parts) => normalize(parts.filter((part) => part !== '').join('/')),
    basename,
    dirname: (text) => normalize(text.split('/').slice(0, -1).join('/') || (text.startsWith('/') ? '/' : '.')),
    extname: (text) => /.(\.[^./]*)$/.exec(basename(text))?.[1] ?? '',
    isAbsolute: (text) => text.startsWith('/'),
  };

  const fail = (message) => {
    throw new Error(message ?? 'assertion failed');
  };
  const same = (a, b) => stringify(a) === stringify(b);
  const assert = (value, message) => value || fail(message);
  Object.assign(assert, {
    ok: assert,
    equal: (a, b, message) => a == b || fail(message ?? a + ' != ' + b),
    strictEqual: (a, b, message) => a === b || fail(message ?? a + ' !== ' + b),
    notStrictEqual: (a, b, message) => a !== b || fail(message ?? a + ' === ' + b),
    deepEqual: (a, b, message) => same(a, b) || fail(message),
    deepStrictEqual: (a, b, message) => same(a, b) || fail(message),
  });

  const querystring = {
    parse: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringify: (object) => new URLSearchParams(object).toString(),
    escape: encodeURIComponent,
    unescape: decode,
  };

  fetch.default = fetch;
  fetch.Headers = Headers;
  fetch.Response = Response;
  const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate } = globalThis;
  const modules = {
    __proto__: null,
    assert,
    axios: axiosOf({}),
    buffer: { Buffer },
    crypto,
    events: EventEmitter,
    'form-data': FormData,
    'node-fetch': fetch,
    path,
    querystring,
    timers: { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate },
    url: { URL, URLSearchParams },
    zlib,
  };
  const names = Object.keys(modules).join(', ');
  define('require', (name) => {
    const known = String(name).replace(/^node:/, '');
    if (modules[known] === undefined) {
      throw new Error(
        "require('" + name + "') is not available: functions run in a sandbox with these modules only: " + names +
          '; use a tool, an HTTP node or an MCP server instead'
      );
    }
    return modules[known];
  });

  // Hands an answer to whoever waits for it.
  return (id, json) => {
    const waiting = pending[id];
    delete pending[id];
    const answer = parse(json);
    if (answer.error === undefined) {
      waiting.resolve(answer);
    } else {
      waiting.reject(new TypeError('fetch failed: ' + answer.error));
    }
  };
})
