/** Making tenants, and opening their keys. A tenant's keys are made with it and kept wrapped by the master key. */
import { randomUUID } from 'node:crypto';
import { fault } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { newKey, unwrapKey, wrapKey } from '../core/seal.js';
import type { TenantRecord } from './registry-port.js';

/** Partitions of a new tenant. */
export const defaultPartitions = 32;
const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface TenantWish {
  readonly name: string;
  /** A GUID; made at random when left out. */
  readonly id?: string;
  /** As validated by the configuration schema. */
  readonly settings?: JsonObject;
  readonly fromConfiguration?: boolean;
}

/** A new tenant with keys of its own. Throws `invalid-request` for an id that is no GUID or an empty name. */
export function newTenantRecord(master: Uint8Array, wish: TenantWish, now: number): TenantRecord {
  const id = (wish.id ?? randomUUID()).toLowerCase();
  if (!guid.test(id))
    throw fault('invalid-request', 'a tenant id is a GUID, as in 3f0c1f5e-6c1d-4a4e-9b0a-2d9c1c3a7e11');
  if (wish.name.trim() === '') throw fault('invalid-request', 'a tenant needs a name');
  return {
    id,
    name: wish.name.trim(),
    createdAt: now,
    kind: 'own',
    settings: wish.settings ?? {},
    sealedIdKey: wrapKey(master, newKey(), idKeyName(id)),
    sealedDataKey: wrapKey(master, newKey(), dataKeyName(id)),
    partitions: defaultPartitions,
    fromConfiguration: wish.fromConfiguration ?? false,
  };
}

/** The key that the tenant's resource ids are made under. Throws `seal-broken` when the master key is another. */
export function idKeyOf(master: Uint8Array, tenant: TenantRecord): Uint8Array {
  return unwrapKey(master, tenant.sealedIdKey, idKeyName(tenant.id));
}

/** The key that the tenant's archive rows are sealed with. Throws `seal-broken` when the master key is another. */
export function dataKeyOf(master: Uint8Array, tenant: TenantRecord): Uint8Array {
  return unwrapKey(master, tenant.sealedDataKey, dataKeyName(tenant.id));
}

/** Ids and partitions follow from these; changing them would tear a tenant's data apart. @throws Fault `conflict` */
export function keepsItsNature(before: TenantRecord, after: TenantRecord): void {
  const fixed = ['partitions', 'createdAt', 'sealedIdKey', 'sealedDataKey'] as const;
  if (clusterOf(before) !== clusterOf(after))
    throw fault('conflict', `the cluster of tenant ${before.id} is fixed: its resources are there`);
  if (fixed.some((name) => before[name] !== after[name])) {
    throw fault('conflict', 'the keys, the number of partitions and the creation time of a tenant are fixed');
  }
}

/** The name of the cluster that holds the tenant's resources; undefined for the installation's own. */
export function clusterOf({ settings }: TenantRecord): string | undefined {
  const name = settings['cluster'];
  return typeof name === 'string' ? name : undefined;
}

function idKeyName(tenant: string): string {
  return `tenant ${tenant} ids`;
}

function dataKeyName(tenant: string): string {
  return `tenant ${tenant} data`;
}
