/**
 * Method calls over a MessagePort, for the parts that live in threads of their own. Values are structured-cloned. Calls, and
 * answers, that are made in one turn travel in one message: waking the other thread is the dearest part of a small call.
 * A Fault keeps its code and message across the port; other errors arrive as `internal`.
 */
import type { MessagePort, Worker } from 'node:worker_threads';
import { type ErrorCode, Fault, fault } from './errors.js';

interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

type Channel = Pick<MessagePort | Worker, 'postMessage' | 'on'>;

/** Answers calls that arrive on `port` with the methods of `target`. */
export function serveCalls(port: Pick<MessagePort, 'postMessage' | 'on'>, target: object): void {
  const methods = target as Record<string, unknown>;
  const send = gathered<Answer>((answers) => port.postMessage(answers));
  const answer = (call: Call): void => {
    const method = methods[call.method];
    const run = async (): Promise<unknown> => {
      if (typeof method !== 'function') throw fault('internal', `no method ${call.method}`);
      return method.apply(target, call.args as unknown[]);
    };
    run().then(
      (value) => send({ id: call.id, value }),
      (error: unknown) => send({ id: call.id, error: describe(error) }),
    );
  };
  port.on('message', (calls: readonly Call[]) => calls.forEach(answer));
}

/** Hands on what is given in one turn of the microtask queue, in the order given. */
function gathered<T>(send: (items: readonly T[]) => void): (item: T) => void {
  let waiting: T[] = [];
  return (item) => {
    waiting.push(item);
    if (waiting.length > 1) return;
    queueMicrotask(() => {
      const items = waiting;
      waiting = [];
      send(items);
    });
  };
}

/** An object whose methods of these names are calls over `channel`. Calls under way reject when the other side ends. */
export function callsOver<T extends object>(channel: Channel, methods: readonly (keyof T & string)[]): T {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Fault) => void }>();
  let last = 0;
  let ended: Fault | undefined;
  const settle = (answer: Answer): void => {
    const call = waiting.get(answer.id);
    if (call === undefined) return;
    waiting.delete(answer.id);
    if (answer.error === undefined) call.resolve(answer.value);
    else call.reject(fault(answer.error.code, answer.error.message));
  };
  // What is no list of answers is another's: events of the same thread.
  channel.on('message', (answers: unknown) => {
    if (Array.isArray(answers)) answers.forEach(settle);
  });
  const send = gathered<Call>((calls) => {
    try {
      channel.postMessage(calls);
    } catch (error) {
      const { code, message } = describe(error);
      for (const { id } of calls) settle({ id, error: { code, message } });
    }
  });
  const end = (): void => {
    ended ??= fault('store-unavailable', 'the thread that does this work has ended');
    for (const call of waiting.values()) call.reject(ended);
    waiting.clear();
  };
  (channel as MessagePort).on('close', end);
  (channel as Worker).on('exit', end);
  const proxy: Record<string, (...args: unknown[]) => Promise<unknown>> = {};
  for (const method of methods) {
    proxy[method] = (...args: unknown[]) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        const id = ++last;
        waiting.set(id, { resolve, reject });
        send({ id, method, args });
      });
  }
  return proxy as T;
}

function describe(error: unknown): { code: ErrorCode; message: string } {
  if (error instanceof Fault) return { code: error.code, message: error.message };
  return { code: 'internal', message: error instanceof Error ? error.name : 'unknown error' };
}
