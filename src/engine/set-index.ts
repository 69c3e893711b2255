/** Looking up documents of a working set by what they are equal in, while one message is composed. */
import { type ClassMember, identityClass } from './identity-class.js';
import type { WorkingDocument } from './working-document.js';
import type { WorkingSet } from './working-set.js';

/**
 * Made when the message is joined: composing changes no registers, keys or patients, so each answer is worked out once,
 * and only when it is asked for.
 */
export class SetIndex {
  readonly set: WorkingSet;
  readonly #members = new Map<string, ReadonlyMap<string, ClassMember>>();
  readonly #classes = new Map<string, readonly string[]>();
  #equal: Map<string, WorkingDocument[]> | undefined;

  constructor(set: WorkingSet) {
    this.set = set;
  }

  /** Documents of the type with an equal rest of their key, the one asked for among them. */
  equalKeys(document: WorkingDocument): readonly WorkingDocument[] {
    this.#equal ??= this.#byKey();
    return this.#equal.get(keyOf(document)) ?? [document];
  }

  /** All documents of a type by their ids. */
  membersOf(type: string): ReadonlyMap<string, ClassMember> {
    let members = this.#members.get(type);
    if (members === undefined) {
      members = new Map([...this.set.documents.values()].flatMap((one) => (one.type === type ? [[one.id, one]] : [])));
      this.#members.set(type, members);
    }
    return members;
  }

  /** Ids of a patient's class, in order. */
  classOf(patient: string): readonly string[] {
    let ids = this.#classes.get(patient);
    if (ids === undefined) {
      const { standing, changed, merged } = identityClass(patient, this.membersOf('Patient'));
      ids = [...standing, ...changed, ...merged];
      this.#classes.set(patient, ids);
    }
    return ids;
  }

  #byKey(): Map<string, WorkingDocument[]> {
    const equal = new Map<string, WorkingDocument[]>();
    for (const document of this.set.documents.values()) {
      if (document.keyRest === '') continue;
      const known = equal.get(keyOf(document));
      if (known === undefined) equal.set(keyOf(document), [document]);
      else known.push(document);
    }
    return equal;
  }
}

function keyOf({ type, keyRest }: WorkingDocument): string {
  return `${type} ${keyRest}`;
}
