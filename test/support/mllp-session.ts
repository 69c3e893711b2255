import { RawClient } from './raw-client.js';

/** A sender that waits for each answer before it sends on, as most interfaces do. */
export class MllpSession {
  readonly #client: RawClient;

  private constructor(client: RawClient) {
    this.#client = client;
  }

  static async open(port: number): Promise<MllpSession> {
    return new MllpSession(await RawClient.connect(port));
  }

  /** Sends one message in a frame and resolves with the frame that answers it, as Latin-1 text. */
  async send(message: Uint8Array | string): Promise<string> {
    const answered = this.#client.frames.length;
    this.#client.write(framed(message));
    const replies = await this.#client.replies(answered + 1);
    return replies[answered] ?? '';
  }

  close(): void {
    this.#client.close();
  }
}

/** A message between the bytes that MLLP puts around it. Text goes as UTF-8. */
export function framed(message: Uint8Array | string): Buffer {
  return Buffer.concat([Buffer.from([0x0b]), Buffer.from(message), Buffer.from([0x1c, 0x0d])]);
}

/** MSA-1 and MSA-2 of each acknowledgement in a frame. */
export function acknowledged(frame: string): [code: string, controlId: string][] {
  return [...frame.matchAll(/^MSA.([A-Z]{2}).([^\r|$]*)/gm)].map(([, code = '', id = '']) => [code, id]);
}
