/** What a client asks of MongoDB, and how MongoDB says that it answers. */
import assert from 'node:assert/strict';
import type { Db, Document, MongoClient } from 'mongodb';

const reading = new Set(['find', 'aggregate', 'count']);

/** Watches the reading commands that go to the resources of one database, each shape once. The client monitors its commands. */
export function watchedCommands(
  client: MongoClient,
  database: string,
  shapeOf: (command: Document) => string,
): { readonly commands: ReadonlyMap<string, Document>; stop(): void } {
  const commands = new Map<string, Document>();
  const watch = (sent: { commandName: string; command: Document; databaseName: string }): void => {
    const { commandName, command, databaseName } = sent;
    if (!reading.has(commandName) || command[commandName] !== 'resources' || databaseName !== database) return;
    const { lsid: _lsid, $clusterTime: _time, $db: _db, readConcern: _concern, maxTimeMS: _budget, ...asked } = command;
    const shape = shapeOf(asked);
    if (!commands.has(shape)) commands.set(shape, asked);
  };
  client.on('commandStarted', watch);
  return { commands, stop: () => client.off('commandStarted', watch) };
}

/** The commands that some work sends, each once. */
export async function commandsOf(
  client: MongoClient,
  database: string,
  work: () => Promise<unknown>,
): Promise<readonly Document[]> {
  const { commands, stop } = watchedCommands(client, database, (command) => JSON.stringify(command));
  await work();
  stop();
  return [...commands.values()];
}

/** What a command was answered by. */
export interface Explained {
  /** Names of all stages of the winning plan. */
  readonly stages: readonly string[];
  readonly indexes: readonly string[];
  /** For each sort, how many documents it keeps; Infinity for all. */
  readonly sorted: readonly number[];
  readonly keys: number;
  readonly documents: number;
  readonly returned: number;
}

export async function explain(
  db: Db,
  command: Document,
  verbosity: 'executionStats' | 'queryPlanner' = 'executionStats',
): Promise<Explained> {
  const answer = await db.command({ explain: command, verbosity });
  const stages: string[] = [];
  const indexes: string[] = [];
  const sorted: number[] = [];
  let stats: Document = answer['executionStats'] ?? {};
  walk(answer['stages'] ?? answer['queryPlanner'].winningPlan);
  return {
    stages,
    indexes: [...new Set(indexes)],
    sorted,
    keys: stats['totalKeysExamined'],
    documents: stats['totalDocsExamined'],
    returned: stats['nReturned'],
  };

  function walk(node: unknown): void {
    if (Array.isArray(node)) for (const one of node) walk(one);
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
    const { stage, indexName, $sort, executionStats, rejectedPlans: _others, ...rest } = node as Document;
    if (typeof stage === 'string') stages.push(stage);
    if (typeof indexName === 'string') indexes.push(indexName);
    if (stage === 'SORT') sorted.push(rest['limitAmount'] ?? Number.POSITIVE_INFINITY);
    if ($sort !== undefined) sorted.push(Number($sort.limit ?? Number.POSITIVE_INFINITY));
    if (executionStats !== undefined) stats = executionStats;
    for (const one of Object.values(rest)) walk(one);
  }
}

/** No command may read a collection from end to end, go by another index than it names, or sort more than a page. */
export function assertAnswered(
  command: Document,
  { stages, indexes, sorted }: Explained,
  page: number,
  what: string,
): void {
  const told = `${what}\n${JSON.stringify(command)}\n${stages.join(' ')} ${indexes.join(' ')}`;
  assert.ok(!stages.includes('COLLSCAN'), told);
  if (!stages.includes('IDHACK') && !stages.includes('EOF'))
    assert.deepEqual(indexes, [command['hint'] ?? '_id_'], told);
  for (const kept of sorted) assert.ok(kept <= page + 1, told);
}
