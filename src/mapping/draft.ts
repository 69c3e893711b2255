/**
 * What the mapping makes of one message, before anything is stored: drafts of resources as sets of addressed elements,
 * and statements about identity. The engine applies these by stamp: they are registers, not finished resources.
 */
import type { Json, JsonObject } from '../core/json.js';

export interface MappedMessage {
  readonly outcome: 'mapped' | 'filtered' | 'unmapped';
  /** The filter's rule, or what has no map; empty when mapped. */
  readonly reason: string;
  /** Message structure, `ADT_A01`, and trigger event, `A08`. */
  readonly structure: string;
  readonly event: string;
  /** MSH-3 and MSH-4 as `app|facility`: the sender of every register. */
  readonly sender: string;
  /** EVN-2, else MSH-7, as epoch ms; undefined when neither is a time (the engine then takes arrival). */
  readonly eventTime: number | undefined;
  readonly drafts: readonly Draft[];
  readonly facts: readonly IdentityFact[];
  /** Maps whose segment stands for a whole list in snapshot mode, with the items' label: `AL1[AllergyIntolerance]`. */
  readonly snapshots: readonly { readonly type: string; readonly rule: string }[];
  readonly diagnostics: readonly Diagnostic[];
  /** References and attachments that say nothing unless identification completes them; undefined: more may be empty. */
  readonly open: readonly JsonObject[] | undefined;
}

export interface Draft {
  /** Resource type in R4. */
  readonly type: string;
  /** The `as` name of the build entry with a count when repeated: `patient`, `obs[3]`. */
  readonly label: string;
  /** Business key; undefined: no document is made and references to it carry only their display. */
  readonly key: IdentityKey | undefined;
  readonly elements: readonly DraftElement[];
  /** Facts over time of a visit; empty but for Encounter. */
  readonly visit: readonly VisitStatement[];
  /** An action code or event deletes the resource (IAM-6 D, DG1-21 D, A23, A29 …). */
  readonly deleted: boolean;
  /** Written by every partition (Location, Practitioner, Organization): stamped by whole days. */
  readonly shared: boolean;
  /** Reference objects that point here; identification writes `reference` into them. */
  readonly referrers: readonly JsonObject[];
  /** The visit that it belongs to, of types that have no place for one (a Specimen, a Binary). */
  readonly visitOf?: Draft;
  /** Attachments whose content this is (a Binary); identification writes `url` into them. */
  readonly attachments?: readonly JsonObject[];
}

/** A business key: what a resource's id is made from, `HMAC(type, patient key?, parts)`. */
export interface IdentityKey {
  /** The draft whose own key comes first in this one (its Patient); undefined when the key stands alone. */
  readonly patient: Draft | undefined;
  readonly parts: readonly string[];
  /** Other keys of the same thing named by this message (further listed identifiers, the filler number): link facts. */
  readonly also: readonly (readonly string[])[];
  /** Where parts hold the key of a patient: the same as an item of that patient. */
  readonly within?: PatientItem;
}

/** A key as that of an item of a patient's: `rest` is equal for equal items of another patient. */
export interface PatientItem {
  readonly patient: Draft;
  /** The key without that of the patient, wherever it stands in it. */
  readonly rest: readonly string[];
}

/** Whose item a key names; undefined where no patient stands in it. */
export function itemOf({ patient, parts, within }: IdentityKey): PatientItem | undefined {
  return within ?? (patient === undefined ? undefined : { patient, rest: parts });
}

/**
 * One element that the message sets or deletes.
 * `single`: one value at the path. `list`: the whole list that this rule of this sender sets, replacing what it set
 * before. `item`: one keyed item of a list, kept until the same rule of the same sender sets or deletes that key.
 */
export interface DraftElement {
  readonly kind: 'single' | 'list' | 'item';
  /**
   * `gender`, `hospitalization.admitSource`, `identifier`, `_birthDate.extension`: object members only, never an index.
   * A choice is one element, since its members exclude each other: the path ends in `[x]` (`value[x]`) and the value is an
   * object of the one member, `{ "valueString": "x" }`, whose content stands beside the others.
   */
  readonly path: string;
  /** Full name of the rule, `PID[Patient]/PID-3`; a Z or site rule has its own. */
  readonly rule: string;
  /** Key of an item; empty otherwise. */
  readonly item: string;
  /** `null`: deleted (`""` was sent, or the event takes it back). A `list` holds an array. */
  readonly value: Json;
  /** A default of the mapping: it never replaces what any message said, and gives way to it whenever it comes. */
  readonly weak?: true;
}

/** What a message says about a visit over time. */
export type VisitStatement =
  | {
      readonly kind: 'state' | 'class' | 'place';
      /** The trigger event that says so; updates (A08, results) are `update` and count where no event has spoken. */
      readonly event: string;
      readonly update: boolean;
      /** When it came to be so (EVN-6, PV1-44, PV1-45, else event time), epoch ms; undefined: the event time. */
      readonly at: number | undefined;
      /** The same as FHIR dateTime text with its precision and offset. */
      readonly atText: string | undefined;
      /** state: Encounter.status code; class: a Coding; place: an Encounter.location element without period. */
      readonly value: Json;
      /** state: counts only where the state before it is one of these; `unknown` where no event said any. */
      readonly after?: readonly string[];
    }
  | {
      /** An element that the event sets until it is cancelled; what was said before it then shows again. */
      readonly kind: 'element';
      readonly event: string;
      readonly at: number | undefined;
      readonly element: DraftElement;
    }
  | {
      readonly kind: 'cancel';
      readonly event: string;
      /** Events taken back: A11 → A01, A04; A12 → A02 … */
      readonly cancels: readonly string[];
      /** Only the newest one before it (A12), by EVN-6 where valued. */
      readonly newest: boolean;
      readonly at: number | undefined;
    };

/** A statement about who is who. Keys are of documents of `type`, without a patient part. */
export type IdentityFact =
  | {
      readonly kind: 'link';
      readonly type: string;
      readonly a: readonly string[];
      readonly b: readonly string[];
      readonly linked: boolean;
    }
  | {
      readonly kind: 'merge';
      readonly type: string;
      readonly source: readonly string[];
      readonly target: readonly string[];
    }
  | {
      /** What had the source's identifier has the target's now; what was said under the old one goes on counting. */
      readonly kind: 'change';
      readonly type: string;
      readonly source: readonly string[];
      readonly target: readonly string[];
    }
  | {
      /** The visit, account or patient identifier `moved` goes to the patient `to`; `from` is undefined where not said. */
      readonly kind: 'move';
      readonly type: string;
      readonly moved: readonly string[];
      readonly from: readonly string[] | undefined;
      readonly to: readonly string[];
    };

export interface Diagnostic {
  readonly severity: 'error' | 'warning' | 'information';
  /** Stable word: `segment-misplaced`, `date-impossible`, `code-unmapped` … */
  readonly code: string;
  /** Where in the message: `OBX[3]-5[1].2`. */
  readonly at: string;
  /** What is wrong and what would be right; never the value. */
  readonly message: string;
  /** The code without a row, for the worklist of codes. Never logged. */
  readonly unmapped?: { readonly table: string; readonly system: string; readonly code: string };
}
