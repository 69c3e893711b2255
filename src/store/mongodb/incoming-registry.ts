/** Takes a registry in that another store kept; and keeps, for the whole move, where the data come from and whether all are here. */
import type { Db } from 'mongodb';
import { fault } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import { type ComparedRow, hashOfRow, type MovedRegistry } from '../moved-rows.js';
import { fromMongo, isDuplicateError } from './mongo-errors.js';
import {
  type Kind,
  type MoveOrigin,
  type RegistryCollections,
  type RegistryHead,
  registryCollections,
  registryFormat,
} from './registry-documents.js';

/** What a database is found to hold. */
export type FoundInstallation =
  | { readonly state: 'nothing' }
  /** `runs`: its process runs, those before the move included. */
  | { readonly state: 'moving' | 'moved'; readonly origin: MoveOrigin; readonly runs: number }
  /** An installation that was not moved here, or data of something else. */
  | { readonly state: 'other'; readonly what: string };

export class IncomingRegistry {
  readonly #db: Db;
  readonly #collections: RegistryCollections;

  constructor(db: Db) {
    this.#db = db;
    this.#collections = registryCollections(db);
  }

  look(): Promise<FoundInstallation> {
    return fromMongo(async () => {
      const head = await this.#collections.head.findOne({ _id: 'head' });
      if (head !== null) return found(head);
      const collections = await this.#db.listCollections({}, { nameOnly: true }).toArray();
      for (const { name } of collections) {
        if (name.startsWith('system.') || (await this.#db.collection(name).findOne({})) === null) continue;
        return { state: 'other', what: `the collection ${name}` };
      }
      return { state: 'nothing' };
    });
  }

  /** From here on no process works with the database until `finish`. @throws Fault `conflict` when another was faster */
  async begin(moving: MoveOrigin): Promise<void> {
    const none = { generation: 0, runs: 0, mappingVersion: 0, mappingHash: '', pending: [] };
    await fromMongo(async () => {
      try {
        await this.#collections.head.insertOne({ _id: 'head', format: registryFormat, ...none, moving });
      } catch (error) {
        if (!isDuplicateError(error)) throw error;
        throw fault('conflict', 'another process has just begun to use this database');
      }
    });
  }

  put(moved: MovedRegistry): Promise<void> {
    return fromMongo(async () => {
      const { generation } = moved;
      const { head, records, mappings, settings, usedIds } = this.#collections;
      for (const [kind, rows] of recordsOf(moved)) {
        const operations = rows.map(({ _id, body }) => ({
          replaceOne: { filter: { _id }, replacement: { generation, body }, upsert: true },
        }));
        if (operations.length > 0) await records[kind].bulkWrite(operations);
      }
      for (const { number, hash, publishedAt, files } of moved.mappings) {
        const stored = { number, hash, publishedAt, files: JSON.stringify(files) };
        await mappings.replaceOne({ _id: `moved-${number}` }, stored, { upsert: true });
      }
      for (const { name, value } of moved.settings)
        await settings.replaceOne({ _id: name }, { value }, { upsert: true });
      for (const { id, expires } of moved.usedIds)
        await usedIds.replaceOne({ _id: id }, { expires: new Date(expires) }, { upsert: true });
      await head.updateOne({ _id: 'head', moving: { $exists: true } }, { $set: headOf(moved) });
    });
  }

  expected(moved: MovedRegistry): ComparedRow[] {
    const { generation } = moved;
    return inOrder([
      row('registry', 'head', headOf(moved)),
      ...recordsOf(moved).flatMap(([kind, rows]) => rows.map(({ _id, body }) => row(kind, _id, { generation, body }))),
      ...moved.mappings.map(({ number, ...rest }) => row('mapping', String(number), rest)),
      ...moved.settings.map(({ name, value }) => row('setting', name, value)),
      ...moved.usedIds.map(({ id, expires }) => row('used id', id, expires)),
    ]);
  }

  async *stored(): AsyncGenerator<ComparedRow> {
    const rows = await fromMongo(async () => {
      const { head, records, mappings, settings, usedIds } = this.#collections;
      const all: ComparedRow[] = [];
      for await (const { generation, runs, mappingVersion, mappingHash } of head.find())
        all.push(row('registry', 'head', { generation, runs, mappingVersion, mappingHash }));
      for (const [kind, collection] of Object.entries(records)) {
        for await (const { _id, generation, body } of collection.find()) all.push(row(kind, _id, { generation, body }));
      }
      for await (const { number, hash, publishedAt, files } of mappings.find())
        all.push(row('mapping', String(number), { hash, publishedAt, files: JSON.parse(files) as unknown }));
      for await (const { _id, value } of settings.find()) all.push(row('setting', _id, value));
      for await (const { _id, expires } of usedIds.find()) all.push(row('used id', _id, expires.getTime()));
      return all;
    });
    yield* inOrder(rows);
  }

  /** Lets processes work with it. */
  async finish(): Promise<void> {
    await fromMongo(async () => {
      const { head } = this.#collections;
      const before = await head.findOne({ _id: 'head' });
      if (before?.moving === undefined) return;
      await head.updateOne({ _id: 'head' }, { $set: { moved: before.moving }, $unset: { moving: 1 } });
    });
  }

  async drop(): Promise<void> {
    await fromMongo(() => this.#db.dropDatabase());
  }
}

function found({ moving, moved, runs }: RegistryHead): FoundInstallation {
  if (moving !== undefined) return { state: 'moving', origin: moving, runs };
  if (moved !== undefined) return { state: 'moved', origin: moved, runs };
  return { state: 'other', what: 'an installation of Wardline' };
}

function headOf({ generation, runs, mappings }: MovedRegistry) {
  const newest = mappings.at(-1);
  return { generation, runs, mappingVersion: newest?.number ?? 0, mappingHash: newest?.hash ?? '' };
}

function recordsOf(moved: MovedRegistry): [Kind, { readonly _id: string; readonly body: JsonObject }[]][] {
  const plain = (record: object): JsonObject => JSON.parse(JSON.stringify(record)) as JsonObject;
  return [
    ['tenant', moved.tenants.map((tenant) => ({ _id: tenant.id, body: plain(tenant) }))],
    ['client', moved.clients.map((client) => ({ _id: client.id, body: plain(client) }))],
    ['signingKey', moved.signingKeys.map((key) => ({ _id: key.kid, body: plain(key) }))],
  ];
}

function row(group: string, name: string, value: unknown): ComparedRow {
  return { key: `${group} ${name}`, tenant: '', group, hash: hashOfRow(value) };
}

function inOrder(rows: readonly ComparedRow[]): ComparedRow[] {
  return rows.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}
