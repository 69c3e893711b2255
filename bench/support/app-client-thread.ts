/** Thread entry: HTTP clients that measure how long answers take, apart from the server that they measure. */
import { Agent, request } from 'node:http';
import { parentPort } from 'node:worker_threads';

/** One request; all of a turn are sent one after the other. */
export interface Ask {
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What clients ask of one server, and for how long. */
export interface Asking {
  readonly port: number;
  readonly clients: number;
  readonly seconds: number;
  /** Turns, used in order and again from the first. */
  readonly turns: readonly (readonly Ask[])[];
  /** Turns a second of all clients together, at even distances; as many as there are answers to otherwise. */
  readonly rate?: number;
}

export interface Answered {
  /** Milliseconds of each turn, ascending; from when it was due, where a rate was asked for. */
  readonly took: readonly number[];
  readonly perSecond: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

function ask(port: number, { path, method, headers, body }: Ask): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, host: '127.0.0.1', port, path, method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (answer.statusCode !== 200 || /"status":"[45]/.test(text)) {
          reject(new Error(`${method} ${path.split('?')[0]}: ${answer.statusCode} ${text.slice(0, 500)}`));
        } else resolve();
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function measure({ port, clients, seconds, turns, rate }: Asking): Promise<Answered> {
  const took: number[] = [];
  const begin = performance.now();
  let next = 0;
  const client = async (): Promise<void> => {
    for (;;) {
      const turn = next++;
      const due = rate === undefined ? performance.now() : begin + (turn * 1000) / rate;
      if (due - begin >= seconds * 1000) return;
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      for (const one of turns[turn % turns.length] ?? []) await ask(port, one);
      took.push(performance.now() - due);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { took: took.sort((a, b) => a - b), perSecond: (took.length * 1000) / (performance.now() - begin) };
}

parentPort?.on('message', (asking: Asking) => {
  measure(asking).then(
    (answered) => parentPort?.postMessage(answered),
    (error: unknown) => {
      throw error;
    },
  );
});
