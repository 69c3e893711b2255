import type { TenantSettings } from '../core/tenant-settings.js';
import type { Hl7Message } from '../hl7/message.js';
import type { ValueNode } from '../hl7/value-node.js';

/**
 * The queue partition of a message, 0 … partitions-1: a hash of its patient's identifier in PID-3, chosen as the tenant's
 * authorities rank them. A message of no patient goes to partition 0. Partitions save work; results do not depend on them.
 */
export function partitionOf(message: Hl7Message, settings: TenantSettings, partitions: number): number {
  const identifiers = message.first('PID')?.nodes(3) ?? [];
  const chosen = listed(identifiers, settings) ?? typed(identifiers) ?? identifiers.find((node) => node.isValued);
  if (chosen === undefined) return 0;
  return hash(chosen.leaf(1)) % partitions;
}

function listed(identifiers: readonly ValueNode[], settings: TenantSettings): ValueNode | undefined {
  for (const { id, oid } of settings.authorities) {
    for (const node of identifiers) {
      const authority = node.leaf(4, 1) || (node.leaf(4, 2) === '' ? settings.defaultAuthority?.id : '');
      if (node.leaf(1) !== '' && (authority === id || (oid !== undefined && node.leaf(4, 2) === oid))) return node;
    }
  }
  return undefined;
}

function typed(identifiers: readonly ValueNode[]): ValueNode | undefined {
  for (const type of ['MR', 'PI', 'PT']) {
    const found = identifiers.find((node) => node.leaf(5) === type && node.leaf(1) !== '');
    if (found !== undefined) return found;
  }
  return undefined;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}
