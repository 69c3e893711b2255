/** What a request to a base asks for: the RESTful interactions of FHIR §3.1.0 that we serve. */
import { fault } from '../core/errors.js';
import type { FhirVersion } from '../fhir/version.js';
import { storedType } from './served-types.js';

/** Parameters of a URL or form in the order sent. */
export type Parameters = readonly (readonly [name: string, value: string])[];

/** A type as the request names it, and as it is stored. */
export interface AskedType {
  readonly name: string;
  readonly stored: string;
}

export type Interaction =
  | { readonly kind: 'metadata' }
  | { readonly kind: 'batch' }
  | { readonly kind: 'read'; readonly type: AskedType; readonly id: string; readonly parameters: Parameters }
  | { readonly kind: 'vread'; readonly type: AskedType; readonly id: string; readonly version: number }
  | {
      readonly kind: 'history';
      readonly type: AskedType | undefined;
      readonly id: string | undefined;
      readonly parameters: Parameters;
    }
  | { readonly kind: 'search'; readonly type: AskedType; readonly parameters: Parameters };

const idForm = /^[A-Za-z0-9.-]{1,64}$/;
const versionForm = /^[1-9][0-9]{0,14}$/;

/**
 * Reads method, path below the base and parameters (of URL and form together) as an interaction.
 * @throws Fault `not-found` for a path that the base does not have, `method-not-allowed`, `not-supported`
 */
export function readInteraction(
  version: FhirVersion,
  method: string,
  path: string,
  parameters: Parameters,
): Interaction {
  const parts = path.split('/').filter((part) => part !== '');
  const get = method === 'GET' || method === 'HEAD';
  const [first, second, third, fourth] = parts;
  if (first === undefined) {
    if (method === 'POST') return { kind: 'batch' };
    throw get ? fault('not-supported', 'searching all types at once is not supported: name a type') : notAllowed();
  }
  if (parts.length === 1 && first === 'metadata') return only(get, { kind: 'metadata' });
  if (parts.length === 1 && first === '_history') {
    return only(get, { kind: 'history', type: undefined, id: undefined, parameters });
  }
  const stored = storedType(version, first);
  if (stored === undefined) throw fault('not-found', 'this base has no resource type of that name');
  const type = { name: first, stored };
  if (second === undefined) return only(get, { kind: 'search', type, parameters });
  if (second === '_search' && third === undefined) {
    return only(get || method === 'POST', { kind: 'search', type, parameters });
  }
  if (second === '_history' && third === undefined) {
    return only(get, { kind: 'history', type, id: undefined, parameters });
  }
  if (second.startsWith('$') || third?.startsWith('$') === true) {
    throw fault('not-found', 'operations are not supported');
  }
  if (!idForm.test(second)) throw fault('not-found', 'this base has no such path');
  const id = second;
  if (third === undefined) return only(get, { kind: 'read', type, id, parameters });
  if (third === '_history' && parts.length === 3) return only(get, { kind: 'history', type, id, parameters });
  if (third === '_history' && fourth !== undefined && parts.length === 4) {
    if (!versionForm.test(fourth)) throw fault('not-found', `no version of this ${first} with this number`);
    return only(get, { kind: 'vread', type, id, version: Number(fourth) });
  }
  throw fault('not-found', 'this base has no such path');
}

/** The interaction as a route without ids or values, for logs and the audit. */
export function routeOf(interaction: Interaction): string {
  switch (interaction.kind) {
    case 'metadata':
    case 'batch':
      return interaction.kind;
    case 'read':
      return `${interaction.type.name}/:id`;
    case 'vread':
      return `${interaction.type.name}/:id/_history/:version`;
    case 'history':
      return `${interaction.type?.name ?? ''}${interaction.id === undefined ? '' : '/:id'}/_history`;
    case 'search':
      return `${interaction.type.name}?`;
  }
}

/** The last value of a parameter whose name is compared ignoring case. */
export function parameterOf(parameters: Parameters, name: string): string | undefined {
  return parameters.findLast(([sent]) => sent.toLowerCase() === name)?.[1];
}

function only(allowed: boolean, interaction: Interaction): Interaction {
  if (!allowed) throw notAllowed();
  return interaction;
}

function notAllowed(): Error {
  return fault('method-not-allowed', 'this base is read only: GET, POST to _search and batch are served');
}
