/** Writing a working set: compare-and-set of each document, and a check of what was only relied on. */
import { createHash } from 'node:crypto';
import { type JsonObject, resourceTexts } from '../core/json.js';
import type { DocumentWrite, StoredDocument, Touch } from '../store/resource-port.js';
import { encodeState } from './document-state.js';
import { movable } from './moved-visit.js';
import { searchIndexOf } from './search-index.js';
import { sameIds, touchesOf, type WorkingDocument } from './working-document.js';
import type { WorkingSet } from './working-set.js';

/**
 * Writes what changed, and touches what did not. False when another writer was there first. What messages said is
 * written before what only shows it, so that nobody shows what is not yet said.
 */
export async function writeSet(set: WorkingSet): Promise<boolean> {
  const said: DocumentWrite[] = [];
  const shown: DocumentWrite[] = [];
  const touches: Touch[] = [];
  const last = set.news ? [] : [...set.regrouping];
  for (const document of set.documents.values()) {
    if (last.includes(document)) continue;
    if (document.dirty) (document.contributed ? said : shown).push(writeOf(document, set.resources.unsearched));
    else touches.push(...touchesOf(document));
  }
  // asked in one turn, so that a store that can makes one commit of both
  const [written, touched] = await Promise.all([
    said.length === 0 ? [] : set.resources.write(set.tenant, said),
    touches.length === 0 ? [] : set.resources.touch(set.tenant, touches),
  ]);
  if (!written.every(Boolean) || !touched.every(Boolean)) return false;
  if (!(await writeAll(set, shown))) return false;
  const items = [...said, ...shown].some(({ document }) => document.keyRest !== '');
  if (!(await stands(set, touches, items, new Set(last)))) return false;
  for (const document of last) document.regroup = false;
  return (
    (await writeAll(
      set,
      last.map((document) => writeOf(document, set.resources.unsearched)),
    )) && !set.news
  );
}

async function writeAll(set: WorkingSet, writes: readonly DocumentWrite[]): Promise<boolean> {
  return writes.length === 0 || (await set.resources.write(set.tenant, writes)).every(Boolean);
}

/**
 * True when all that decided how documents show each other is still as it was read, or as we wrote it: the members of
 * classes, and with `items` the patients and visits of the items written. Compare-and-set alone guards only what is written;
 * `later` is written after this.
 */
async function stands(
  set: WorkingSet,
  touches: readonly Touch[],
  items: boolean,
  later: ReadonlySet<WorkingDocument>,
): Promise<boolean> {
  const relied = new Map<string, WorkingDocument[]>();
  for (const document of set.documents.values()) {
    const decides = (items && document.type === 'Patient') || ((items || set.relinked) && movable.has(document.type));
    if (document.members.length === 0 && !decides) continue;
    const ofType = relied.get(document.type);
    if (ofType === undefined) relied.set(document.type, [document]);
    else ofType.push(document);
  }
  const checks = [...relied].map(async ([type, documents]) => {
    const ids = documents.map(({ id }) => id);
    const now = new Map((await set.resources.read(set.tenant, type, ids)).map((stored) => [stored.id, stored]));
    return documents.every((one) => isAsLeft(one, one.dirty && !later.has(one), touches, now.get(one.id)));
  });
  return (await Promise.all(checks)).every(Boolean);
}

/** True when a document is stored as this round read it, or wrote or touched it. */
function isAsLeft(
  { type, id, stored }: WorkingDocument,
  written: boolean,
  touches: readonly Touch[],
  now: StoredDocument | undefined,
): boolean {
  if ((now?.revision ?? 0) !== (stored?.revision ?? 0) + (written ? 1 : 0)) return false;
  const own = touches.filter((touch) => touch.type === type && touch.id === id);
  const left = written ? [] : [...(stored?.touches ?? []), ...own];
  const known = new Set(left.map(({ registers, stamp }) => `${stamp.join()} ${registers}`));
  return (now?.touches ?? []).every(({ registers, stamp }) => known.has(`${stamp.join()} ${registers}`));
}

/** The write that stores a document over what it was opened from; without search values where nobody searches. */
export function writeOf(document: WorkingDocument, unsearched?: true): DocumentWrite {
  const revision = document.stored?.revision ?? 0;
  const state = encodeState(document, document.resource);
  const newVersion = document.made.length > 0;
  return {
    expected: revision,
    document: {
      type: document.type,
      id: document.id,
      revision: revision + 1,
      state,
      resource: document.resource,
      hash: newVersion ? contentHash(document.resource) : (document.stored?.hash ?? ''),
      version: document.version,
      lastUpdated: document.lastUpdated,
      source: document.source,
      members: document.members,
      standsFor: document.standsFor,
      moved: document.moved,
      patient: document.patient,
      keyRest: document.keyRest,
      touches: [],
    },
    folded: document.stored?.touches ?? [],
    between: document.made.slice(0, -1),
    // what is found follows what is shown
    ...(unsearched !== true && (newVersion || !sameIds(document.stored?.moved ?? [], document.moved))
      ? searchIndexOf(document, document.stored?.resource)
      : {}),
    newVersion,
    mappingVersion: document.made.at(-1)?.mappingVersion ?? 0,
  };
}

function contentHash(resource: JsonObject | null): string {
  return resource === null ? '' : createHash('sha256').update(resourceTexts.canonical(resource)).digest('base64url');
}
