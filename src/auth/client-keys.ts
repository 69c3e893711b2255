import { fault } from '../core/errors.js';
import { isJsonObject, type Json, type JsonObject } from '../core/json.js';

const privateMembers: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth'];

/**
 * A client's public keys for `private_key_jwt` as the registry keeps them: a JWK set (RFC 7517 §5), or where one is read from,
 * `{ "jwks_uri": "https://…" }` (RFC 7591 §2).
 * @throws Fault `invalid-request` for anything else, and for keys that should have stayed with the client
 */
export function readClientKeys(given: Json): JsonObject {
  if (!isJsonObject(given)) throw notKeys();
  const { keys, jwks_uri: uri } = given;
  if (typeof uri === 'string' && keys === undefined) {
    if (!URL.canParse(uri) || new URL(uri).protocol !== 'https:') {
      throw fault('invalid-request', 'a jwks_uri is an https URL');
    }
    return { jwks_uri: uri };
  }
  if (!Array.isArray(keys) || keys.length === 0 || !keys.every((key) => isJsonObject(key) && isPublicType(key))) {
    throw notKeys();
  }
  if (keys.some((key) => isJsonObject(key) && privateMembers.some((name) => name in key))) {
    throw fault('invalid-request', 'the JWK set holds a private key: make a new pair, and register its public half');
  }
  return { keys };
}

function isPublicType({ kty }: JsonObject): boolean {
  return kty === 'EC' || kty === 'RSA' || kty === 'OKP';
}

function notKeys(): Error {
  return fault('invalid-request', 'keys are a JWK set, {"keys": […]} with one at least, or an https jwks_uri');
}
