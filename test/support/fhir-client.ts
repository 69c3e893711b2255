import assert from 'node:assert/strict';
import type { Json } from '../../src/core/json.js';
import { validateResource } from '../../src/fhir/validate.js';
import { basePath, type FhirVersion } from '../../src/fhir/version.js';

/** What came back, with whatever stands in it. */
export interface FhirAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
  readonly body: any;
}

interface Asked {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A client of one base of a running server. Every answer that it gets is checked: a FHIR resource, valid by the
 * definitions of the base's own version; a search with its total.
 */
export class FhirClient {
  readonly version: FhirVersion;
  readonly base: string;
  readonly #authorization: string;

  constructor(publicUrl: string, version: FhirVersion, token: string) {
    this.version = version;
    this.base = `${publicUrl}/fhir/${basePath[version]}`;
    this.#authorization = `Bearer ${token}`;
  }

  get(path: string): Promise<FhirAnswer> {
    return this.ask(path);
  }

  /** `POST` of a form, as `_search` takes it. */
  form(path: string, fields: string): Promise<FhirAnswer> {
    return this.ask(path, {
      method: 'POST',
      body: fields,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  }

  post(path: string, resource: Json): Promise<FhirAnswer> {
    return this.ask(path, {
      method: 'POST',
      body: JSON.stringify(resource),
      headers: { 'content-type': 'application/json' },
    });
  }

  async ask(path: string, { headers = {}, ...rest }: Asked = {}): Promise<FhirAnswer> {
    const response = await fetch(`${this.base}${path}`, {
      headers: { authorization: this.#authorization, ...headers },
      ...rest,
    });
    const text = await response.text();
    const body: Json = text === '' ? null : JSON.parse(text);
    if (text !== '') this.#check(`${this.version} ${path}`, body);
    return { status: response.status, headers: response.headers, body };
  }

  /** The matches of a search, which must succeed. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
  async find(query: string): Promise<any[]> {
    return this.matches(await this.get(`/${query}`));
  }

  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
  matches({ status, body }: FhirAnswer): any[] {
    assert.equal(status, 200, JSON.stringify(body));
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever stands there
    const entries: any[] = body.entry ?? [];
    return entries.filter((entry) => entry.search.mode === 'match').map((entry) => entry.resource);
  }

  #check(what: string, body: Json): void {
    const errors = validateResource(this.version, body).filter(({ severity }) => severity === 'error');
    assert.deepEqual(errors, [], `${what} is not valid`);
    const { type, total } = body as { type?: string; total?: unknown };
    if (type === 'searchset') assert.equal(typeof total, 'number', `${what} has no total`);
  }
}
