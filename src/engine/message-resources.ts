/**
 * The R4 resources that one message by itself shows: what applying it to an empty store and composing would give, without
 * registers where a document comes from one draft. For converting without a server.
 */
import type { Json, JsonObject } from '../core/json.js';
import type { Stamp } from '../core/stamp.js';
import { type Draft, type DraftElement, type IdentityFact, itemOf } from '../mapping/draft.js';
import { weakAuthority } from './authority-rank.js';
import { composeAlone } from './compose-document.js';
import { addInOrder, assemble, givingWay, type ListEntry } from './compose-elements.js';
import {
  type Contribution,
  contributionsOf,
  type IdentifiedDraft,
  type Names,
  type Statement,
} from './contribution.js';
import { accountsOf } from './moved-visit.js';
import { printKey } from './register-key.js';
import type { Register } from './registers.js';

/** The resources of a message's drafts in the order in which the message names their documents. */
export function messageResources(
  drafts: readonly IdentifiedDraft[],
  facts: readonly IdentityFact[],
  statement: Statement,
  names: Names,
): JsonObject[] {
  const contributions = (some: readonly IdentifiedDraft[]) => contributionsOf(some, facts, statement, names);
  // what a fact says may show in any document, and a sender with the separator of names is read as none that is known
  if (facts.length > 0 || statement.sender.includes('\u001f')) {
    return contributions(drafts).flatMap((contribution) => shownBy(contribution));
  }
  const weak: Stamp = { ...statement.stamp, authority: weakAuthority };
  const resources: JsonObject[] = [];
  for (const { type, id, drafts: own } of documentsOf(drafts, names)) {
    const [first, second] = own;
    if (first === undefined) continue;
    if (second === undefined && type !== 'Encounter') {
      if (!first.draft.deleted) resources.push(composeDraft(first.draft, id, statement, weak));
      continue;
    }
    const said = contributions(own).find((contribution) => contribution.type === type && contribution.id === id);
    if (said !== undefined) resources.push(...shownBy(said));
  }
  return resources;
}

function shownBy({ type, id, registers }: Contribution): JsonObject[] {
  const { resource } = composeAlone(type, id, registers);
  return resource === null ? [] : [resource];
}

interface Document {
  readonly type: string;
  readonly id: string;
  /** None where the message only names it. */
  readonly drafts: IdentifiedDraft[];
}

/** The documents of a message in the order in which `contributionsOf` first names them. */
function documentsOf(drafts: readonly IdentifiedDraft[], names: Names): Iterable<Document> {
  const found = new Map<string, Document>();
  const idOfDraft = new Map(drafts.map(({ draft, id }) => [draft, id]));
  const named = (type: string, id: string): Document => {
    const name = `${type}/${id}`;
    let document = found.get(name);
    if (document === undefined) {
      document = { type, id, drafts: [] };
      found.set(name, document);
    }
    return document;
  };
  for (const each of drafts) {
    const { draft, id } = each;
    const { key, type } = draft;
    if (key === undefined) continue;
    named(type, id).drafts.push(each);
    if (type === 'Encounter') for (const account of accountsNamed(draft)) named('Account', account);
    if (key.also.length === 0) continue;
    const item = itemOf(key);
    if (item !== undefined && idOfDraft.has(item.patient)) continue;
    const own = names.idOf(type, key.parts);
    for (const parts of key.also) {
      const other = names.idOf(type, parts);
      if (other === own) continue;
      named(type, own);
      named(type, other);
    }
  }
  return found.values();
}

/** The accounts of a visit as its registers name them. */
function accountsNamed({ elements }: Draft): string[] {
  const registers = new Map<string, Register>();
  for (const { path, rule, item, value } of elements) {
    if (path !== 'account') continue;
    registers.set(printKey({ kind: 'item', path, sender: '', rule, item }), { value, stamp: noStamp });
  }
  return accountsOf(registers);
}

const noStamp: Stamp = { authority: 0, time: 0, sequence: { arrival: 0, run: 0, number: 0 }, mappingVersion: 0 };

/** What one draft shows by itself. */
function composeDraft(draft: Draft, id: string, { sender, stamp }: Statement, weakly: Stamp): JsonObject {
  const singles: DraftElement[] = [];
  const lists = new Map<string, ListEntry[]>();
  for (const element of draft.elements) {
    if (element.kind === 'single') {
      const at = singles.findIndex(({ path }) => path === element.path);
      if (at < 0) singles.push(element);
      else singles[at] = element;
      continue;
    }
    const { path, rule, item, value, weak } = element;
    const entry: ListEntry = { rule, sender, item, register: { value, stamp: weak === true ? weakly : stamp } };
    const entries = lists.get(path);
    if (entries === undefined) lists.set(path, [entry]);
    else {
      const at = entries.findIndex((other) => other.rule === rule && other.item === item);
      if (at < 0) entries.push(entry);
      else entries[at] = entry;
    }
  }
  const hidden = givingWay(draft.type, (path): Register | undefined => {
    const element = singles.find((single) => single.path === path);
    return element && { value: element.value, stamp: element.weak === true ? weakly : stamp };
  });
  const shown: [string, Json][] = [];
  for (const { path, value } of singles) if (value !== null && path !== hidden) shown.push([path, value]);
  return addInOrder({ resourceType: draft.type, id }, draft.type, assemble(shown, lists));
}
