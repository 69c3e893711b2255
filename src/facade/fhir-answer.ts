import type { JsonObject } from '../core/json.js';

/** What an interaction answers, before it becomes an HTTP response or an entry of a batch. */
export interface FhirAnswer {
  readonly resource: JsonObject;
  /** Of a single resource; makes its ETag. */
  readonly versionId?: string;
  /** Epoch ms. */
  readonly lastModified?: number;
  /** Ids of the patients whose data it holds. */
  readonly patients: readonly string[];
}
