import { fault } from '../core/errors.js';
import { type Acknowledgement, readAcknowledgement } from './mllp-sender.js';

export interface HttpTarget {
  readonly url: string;
  /** Access token with the scope `hl7:send`. */
  readonly token: string;
  /** Milliseconds to wait for each answer. */
  readonly timeout: number;
}

/**
 * Sends the bytes of one message by `POST` (HL7 over HTTP) and resolves with its acknowledgement, undefined where the message
 * asks for none. A refusal of the request itself comes as one without a code.
 * @throws Fault `not-reachable` when there is no answer, or the receiver cannot take messages now; `unauthorized` for a token
 * that may not send
 */
export async function sendOverHttp(
  { url, token, timeout }: HttpTarget,
  message: Uint8Array,
): Promise<Acknowledgement | undefined> {
  const body = new Uint8Array(message);
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/hl7-v2' };
  const signal = AbortSignal.timeout(timeout);
  const { status, text } = await fetch(url, { method: 'POST', headers, body, signal })
    .then(async (response) => ({ status: response.status, text: await readLatin1(response) }))
    .catch((error: Error & { cause?: NodeJS.ErrnoException }) => {
      const why = error.name === 'TimeoutError' ? `nothing within ${timeout} ms` : (error.cause?.code ?? error.name);
      throw fault('not-reachable', `${url} gave no acknowledgement (${why})`);
    });
  if (status === 204) return undefined;
  if (status >= 200 && status < 300) return readAcknowledgement(text);
  const said = text.split('\n', 1)[0]?.slice(0, 200) ?? '';
  if (status === 401 || status === 403) throw fault('unauthorized', `${url} refuses the token: ${said}`);
  if (status >= 500) throw fault('not-reachable', `${url} takes no messages now (${status}): ${said}`);
  return { code: '', controlId: '', text: `${status} ${said}` };
}

async function readLatin1(response: Response): Promise<string> {
  return Buffer.from(await response.arrayBuffer()).toString('latin1');
}
