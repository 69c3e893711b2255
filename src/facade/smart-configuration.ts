import { assertionAlgorithms } from '../auth/client-assertion.js';
import { offeredScopes } from '../auth/scopes.js';
import { tokenEndpointUrl } from '../auth/token-endpoint.js';
import type { JsonObject } from '../core/json.js';

/** `.well-known/smart-configuration` (SMART App Launch 2.0, Backend Services). */
export function smartConfiguration(publicUrl: string): JsonObject {
  return {
    issuer: publicUrl,
    jwks_uri: `${publicUrl}/oauth2/jwks`,
    authorization_endpoint: `${publicUrl}/oauth2/authorize`,
    token_endpoint: tokenEndpointUrl(publicUrl),
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: [...assertionAlgorithms],
    grant_types_supported: ['client_credentials'],
    response_types_supported: [],
    scopes_supported: [...offeredScopes],
    code_challenge_methods_supported: ['S256'],
    capabilities: ['client-confidential-symmetric', 'client-confidential-asymmetric', 'permission-v1', 'permission-v2'],
  };
}
