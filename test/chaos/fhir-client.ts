/** An app: asks for a token, reads FHIR over HTTP, and tries again where a process that answered is gone. */

export interface AppOptions {
  readonly publicUrl: string;
  readonly client: { readonly id: string; readonly secret: string };
  readonly tenant: string;
}

// biome-ignore lint/suspicious/noExplicitAny: a reader reads whatever stands there
type Body = any;

/** Milliseconds that an answer may take. */
const patience = 4_000;

export class AppClient {
  readonly #options: AppOptions;
  #token: string | undefined;

  constructor(options: AppOptions) {
    this.#options = options;
  }

  /** Reads a path of the R4 base, as often as it takes within so many milliseconds. @throws what the last try met */
  async read(path: string, within: number): Promise<Body> {
    const until = performance.now() + within;
    for (;;) {
      try {
        return await this.#once(path);
      } catch (error) {
        if (performance.now() > until) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  async #once(path: string): Promise<Body> {
    const { publicUrl } = this.#options;
    this.#token ??= await this.#newToken();
    const headers = { authorization: `Bearer ${this.#token}` };
    const signal = AbortSignal.timeout(patience);
    const answer = await fetch(`${publicUrl}/fhir/r4/${path}`, { headers, signal });
    const text = await answer.text();
    if (answer.status === 401) this.#token = undefined;
    if (answer.status !== 200) throw new Error(`${answer.status} for ${path.replace(/\?.*/, '')}`);
    return JSON.parse(text);
  }

  async #newToken(): Promise<string> {
    const { publicUrl, client, tenant } = this.#options;
    const answer = await fetch(`${publicUrl}/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: client.id,
        client_secret: client.secret,
        scope: tenant,
      }),
      signal: AbortSignal.timeout(patience),
    });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${answer.status} for a token`);
    return (JSON.parse(text) as { access_token: string }).access_token;
  }
}
