import { isAscii } from 'node:buffer';
import type { Principal, TokenVerifier } from '../auth/verify-token.js';
import { knownCharset } from '../core/charset-names.js';
import { fault } from '../core/errors.js';
import { decodeMessage, isCharsetFault } from '../hl7/charset.js';
import type { ListenerSettings } from './listener-settings.js';

/** The scope without which no token may send. */
export const sendScope = 'hl7:send';

/** Media types of ER7 messages: the usual one, and those of HL7 over HTTP 2.4 as it names them and as its example does. */
export const messageTypes = ['application/hl7-v2', 'x-application/hl7-v2+er7', 'application/hl7-v2+er7'] as const;

/** What of a request can be judged before its body is read. */
export interface HttpHead {
  readonly method: string;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
}

/**
 * Lets a request in or refuses it by its head. The token must hold `hl7:send` and be of the listener's tenant.
 * @throws Fault `method-not-allowed`, `unauthorized`, `forbidden`, `unsupported-media-type`, `stale-registry`
 */
export async function admitRequest(
  head: HttpHead,
  verifier: Pick<TokenVerifier, 'verify'>,
  settings: ListenerSettings,
  admitted: (principal: Principal) => void,
): Promise<void> {
  if (head.method !== 'POST') throw fault('method-not-allowed', 'messages are sent by POST');
  const principal = await verifier.verify(head.authorization);
  admitted(principal);
  if (!principal.scopes.includes(sendScope)) throw fault('forbidden', `the token lacks the scope ${sendScope}`);
  if (principal.tenant !== settings.tenant) {
    throw fault('forbidden', 'the token is of another tenant than this listener: ask for one of its tenant');
  }
  const type = mediaType(head.contentType);
  if (!messageTypes.some((one) => one === type)) {
    throw fault('unsupported-media-type', `messages are sent as ${messageTypes[0]} (or ${messageTypes[1]})`);
  }
}

/**
 * The message or batch of a body, without the block characters that some senders leave around it.
 * @throws Fault `invalid-request` for an empty one, `unsupported-media-type` where the `charset` of Content-Type is not what
 * the message would be read by
 */
export function messageOf(body: Buffer, contentType: string | undefined, settings: ListenerSettings): Buffer {
  const bytes = withoutBlock(body);
  if (bytes.every((byte) => byte <= 0x20)) throw fault('invalid-request', 'the body is empty: it must hold a message');
  checkCharset(bytes, contentType, settings);
  return bytes;
}

/**
 * HL7 over HTTP 2.4 lets Content-Type decide over MSH-18. The archive keeps a message as it came, without that header, so
 * where the two would make different text the message is refused; the sender's settings are wrong in one of them.
 */
function checkCharset(bytes: Buffer, contentType: string | undefined, { charset }: ListenerSettings): void {
  const stated = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1];
  if (stated === undefined || isAscii(bytes)) return;
  const decoded = decodeMessage(bytes, charset);
  const read = isCharsetFault(decoded) ? undefined : decoded.charset;
  if (read === undefined || knownCharset(stated) === read) return;
  const right = 'make Content-Type, MSH-18 and the bytes agree';
  throw fault('unsupported-media-type', `the charset of Content-Type is not that of the message (${read}): ${right}`);
}

/** Type and subtype, lower case. */
export function mediaType(contentType: string | undefined): string {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function withoutBlock(body: Buffer): Buffer {
  if (body[0] !== 0x0b) return body;
  const end = body.lastIndexOf(0x1c);
  return body.subarray(1, end === -1 ? body.length : end);
}
