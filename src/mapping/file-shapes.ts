/**
 * What mapping files hold, object by object: the one description that the reader goes by and the JSON Schemas for editors are made
 * from. A key that is not here is an unknown key; one that is here is in the schema.
 */

/** Names that are only known when a schema is made: those of FHIR, of HL7, of the functions. */
export type Vocabulary =
  | 'resource'
  | 'type'
  | 'segment'
  | 'datatype'
  | 'structure'
  | 'event'
  | 'path'
  | 'condition'
  | 'map'
  | 'placedMap'
  | 'rule'
  | 'sender'
  | 'system'
  | 'encounterStatus';

export type Shape =
  | { readonly is: 'text' | 'texts'; readonly of?: Vocabulary | readonly string[] }
  | { readonly is: 'flag' | 'any' | 'functions' }
  /** `objects`: a list of them; `nested`: one or a list. */
  | { readonly is: 'object' | 'objects' | 'nested'; readonly name: ObjectName }
  | { readonly is: 'entries'; readonly keys?: Vocabulary; readonly of: Shape }
  | { readonly is: 'list'; readonly of: Shape }
  | { readonly is: 'either'; readonly of: readonly Shape[] };

export interface Member {
  readonly shape: Shape;
  /** Shown by editors. */
  readonly help: string;
}

export interface ObjectShape {
  readonly members: Readonly<Record<string, Member>>;
  readonly required: readonly string[];
}

const text = (help: string, of?: Vocabulary | readonly string[]): Member => ({
  help,
  shape: { is: 'text', ...(of === undefined ? {} : { of }) },
});
const texts = (help: string, of?: Vocabulary | readonly string[]): Member => ({
  help,
  shape: { is: 'texts', ...(of === undefined ? {} : { of }) },
});
const flag = (help: string): Member => ({ help, shape: { is: 'flag' } });
const any = (help: string): Member => ({ help, shape: { is: 'any' } });
const objects = (help: string, name: ObjectName): Member => ({ help, shape: { is: 'objects', name } });
const entries = (help: string, of: Shape, keys?: Vocabulary): Member => ({
  help,
  shape: { is: 'entries', of, ...(keys === undefined ? {} : { keys }) },
});

const when = text('A condition: PID-29 VALUED AND PV1-2 EQUALS "I"', 'condition');
const events = texts('Trigger events to which it is narrowed', 'event');
const tests = objects('Cases: input, and what must come of it', 'test');
const part = {
  is: 'either',
  of: [
    { is: 'text', of: 'path' },
    { is: 'object', name: 'keyPart' },
  ],
} as const satisfies Shape;
const display: Shape = { is: 'object', name: 'display' };

const rule: Readonly<Record<string, Member>> = {
  id: text('Name of the row, unique within its map'),
  from: texts('Where it reads: one path, or several of which the first valued counts', 'path'),
  where: text('With from over several segments: a condition on the segment that each value stands in', 'condition'),
  when,
  events,
  to: text('Target path: name.family'),
  value: any('A constant: any JSON that is valid for the target'),
  map: text('Data type map: CX[Identifier]', 'map'),
  set: objects('Nested rules that fill the object', 'nested'),
  ref: text('Data type map that makes a resource, to which a Reference is set', 'map'),
  refers: text('Another draft of the message, made from the same segment'),
  table: text('Concept map through which the code goes'),
  system: text('Code system of a code that was sent without one: a URL, or HL70007', 'system'),
  apply: { help: 'Functions, in order', shape: { is: 'functions' } },
  format: text('Text with placeholders: [{XPN.2} ]{XPN.1}'),
  join: text('All values as one text, with this between them'),
  first: objects('Alternatives: the first that makes a value wins', 'nested'),
  switch: text('The value that chooses among cases', 'path'),
  cases: entries('Alternatives by value; a key holds one or several values', { is: 'nested', name: 'nested' }),
  else: objects('Alternatives when no case makes a value', 'nested'),
  default: any('The value when nothing else comes out; it never replaces what another message said'),
  weak: flag('What the rule sets is weak, as a default is'),
  item: texts('Key of a list item', 'path'),
  deleted: text('With item: a condition under which the entry of that key goes', 'condition'),
  required: flag('Without this value the whole object is not made'),
  says: text('A statement about a visit, instead of to', ['state', 'class', 'place']),
  at: texts('When the statement began to be true', 'path'),
  update: flag('The statement counts as an update'),
};

const shapes: Readonly<Record<ObjectName, ObjectShape>> = {
  topRule: { members: rule, required: ['id'] },
  nested: { members: rule, required: [] },
  display: { members: { from: rule['from'] ?? text(''), format: rule['format'] ?? text('') }, required: [] },
  segmentMap: {
    members: {
      segment: text('Segment that is mapped', 'segment'),
      resource: text('Resource type, or a part of one: Observation.component', 'resource'),
      role: text('Tells maps of one segment and resource apart'),
      rules: objects('Rules, in order', 'topRule'),
      tests,
    },
    required: ['segment', 'resource', 'rules'],
  },
  datatypeMap: {
    members: {
      datatype: text('Data type that is mapped', 'datatype'),
      target: text('FHIR type that is made', 'type'),
      role: text('Tells maps of one data type and target apart'),
      rules: objects('Rules, in order', 'nested'),
      chain: objects('Levels of a place, each part of the one before', 'level'),
      display: { help: 'What a reference shows', shape: display },
      tests,
    },
    required: ['datatype', 'target'],
  },
  level: {
    members: { id: text('Name of the level'), from: rule['from'] ?? text(''), when, set: rule['set'] ?? text('') },
    required: ['id', 'from', 'set'],
  },
  table: {
    members: {
      table: text('Name: HL70001.administrative-gender'),
      source: text('System of the codes as sent: a URL, or HL70001', 'system'),
      target: text('System of the codes made', 'system'),
      unmapped: {
        help: 'What becomes of a code without a row',
        shape: {
          is: 'either',
          of: [
            { is: 'text', of: ['keep', 'drop'] },
            { is: 'object', name: 'concept' },
          ],
        },
      },
      silent: flag('Reports nothing: the table is a test, not a translation'),
      codes: entries('Rows: the code as sent, and the code made', {
        is: 'either',
        of: [{ is: 'text' }, { is: 'object', name: 'concept' }],
      }),
      tests,
    },
    required: ['table'],
  },
  concept: {
    members: {
      code: text('Code'),
      system: text('Its system, where it is another'),
      display: text('What it is called'),
    },
    required: ['code'],
  },
  message: {
    members: {
      message: texts('Structure, or several: ADT_A01', 'structure'),
      groups: text('Grammar: MSH [{SFT}] {PATIENT: PID [PD1]}'),
      build: objects('Which maps make which resources', 'build'),
      facts: objects('Who is who', 'fact'),
      filters: objects('Messages that are acknowledged and not applied', 'filter'),
      tests,
    },
    required: ['message', 'groups'],
  },
  build: {
    members: {
      as: text('Name of the draft'),
      at: texts('Groups or segments: one draft for each'),
      map: texts('Segment maps; a group before one keeps it to segments of that group', 'placedMap'),
      when,
      events,
      refs: entries('References to other drafts', {
        is: 'either',
        of: [
          { is: 'text' },
          { is: 'object', name: 'match' },
          { is: 'list', of: { is: 'either', of: [{ is: 'text' }, { is: 'object', name: 'match' }] } },
        ],
      }),
      panels: flag('Gathers panels'),
      deleted: text('A condition under which the resource is deleted', 'condition'),
      snapshot: flag('Stands for a whole list in snapshot mode'),
      notes: texts('Segments whose comments go through the NTE map', 'segment'),
      participants: texts('Segments whose participations go through the PRT map', 'segment'),
      outside: texts("Groups below whose segments are not the draft's"),
      view: flag('A view on another resource'),
    },
    required: ['as', 'at', 'map'],
  },
  match: {
    members: {
      of: text('Name of the drafts'),
      only: text('Name of the drafts: the one there is'),
      within: text('Group around both'),
      match: objects('What must be valued and equal', 'matchPair'),
      when,
      whose: text('A condition there', 'condition'),
      once: flag('What one draft took is not taken by the next'),
    },
    required: [],
  },
  matchPair: {
    members: { its: { help: 'Read there', shape: matchSide() }, mine: { help: 'Read here', shape: matchSide() } },
    required: ['its', 'mine'],
  },
  matchPart: { members: { from: rule['from'] ?? text(''), apply: rule['apply'] ?? text('') }, required: ['from'] },
  fact: {
    members: {
      id: text('Name'),
      merge: text('Resource type', 'resource'),
      change: text('Resource type', 'resource'),
      move: text('Resource type', 'resource'),
      link: text('Resource type', 'resource'),
      unlink: text('Resource type', 'resource'),
      at: text('Group: one fact for each'),
      source: texts('What is merged, or moved from', 'path'),
      target: texts('What it is merged into, or moved to', 'path'),
      moved: texts('What is moved', 'path'),
      between: texts('What is linked', 'path'),
      when,
      events,
    },
    required: ['id'],
  },
  filter: {
    members: { id: text('Name'), when, message: texts('Structures to which it is narrowed', 'structure') },
    required: ['id', 'when'],
  },
  identity: {
    members: { keys: entries('Ways to the key of each type', { is: 'nested', name: 'way' }, 'resource') },
    required: ['keys'],
  },
  way: {
    members: {
      id: text('Name'),
      when,
      segment: texts('Only for drafts that stand at these segments', 'segment'),
      as: text('Only for drafts of this name'),
      patient: flag("The key of the message's own patient comes first"),
      parts: { help: 'Parts of the key', shape: { is: 'list', of: part } },
      also: {
        help: 'Further keys of the same thing',
        shape: { is: 'list', of: { is: 'either', of: [...part.of, { is: 'list', of: part }] } },
      },
      apart: {
        help: 'Further parts of the second thing in a message that has the same key',
        shape: { is: 'list', of: part },
      },
      count: flag('Counts among equals'),
      same: flag('Equals of one message are one thing'),
      identifiers: texts("By the tenant's list of authorities", 'path'),
      prefer: texts('Types of identifiers, the preferred first'),
      levels: text('Chain of a place', 'datatype'),
    },
    required: ['id'],
  },
  keyPart: {
    members: {
      path: texts('The text', 'path'),
      text: text('The word itself'),
      identifier: texts('Assigning authority and id of a CX', 'path'),
      entity: texts('Namespace and id of an EI', 'path'),
      code: texts('Code and system, else the folded text', 'path'),
      time: texts('The instant or date', 'path'),
      folded: texts('Text without case, accents and double spaces', 'path'),
      of: text('The key of that draft'),
      optional: flag('May be empty'),
      authority: text("The tenant's default authority where none was sent", ['patient', 'visit']),
      assigner: texts('Where the authority stands otherwise', 'path'),
    },
    required: [],
  },
  eventFile: {
    members: {
      events: entries('What each trigger event says of a visit', { is: 'object', name: 'event' }, 'event'),
      updates: objects('What any message says at a lower rank', 'update'),
    },
    required: ['events'],
  },
  event: {
    members: {
      state: text('Encounter.status', 'encounterStatus'),
      after: texts('States of the visit after which it counts', 'encounterStatus'),
      sets: texts('What it sets', ['class', 'place']),
      takes: texts('Rules whose statements it takes', 'rule'),
      ignores: texts('Rules that say nothing under it', 'rule'),
      at: texts('When it came to be so', 'path'),
      cancels: texts('Events it takes back', 'event'),
      newest: flag('Only the newest one before it'),
      deletes: texts('Elements it deletes'),
      deleted: text('Resource type that it deletes', 'resource'),
    },
    required: [],
  },
  update: {
    members: { when, state: text('Encounter.status', 'encounterStatus'), at: texts('Since when', 'path') },
    required: ['state'],
  },
  panelFile: { members: { panels: objects('Observations gathered into one', 'panel') }, required: ['panels'] },
  panel: {
    members: {
      id: text('Name'),
      of: text('Map of the members', 'map'),
      'code-in': text('Code system of the members', 'system'),
      members: texts('Codes that must be there'),
      optional: texts('Codes that may be there'),
      same: texts('What must be equal in all', 'path'),
      without: texts('Elements that stay with the components'),
      set: objects('Set instead of what the first member sets', 'nested'),
      component: text('Map of a component', 'map'),
    },
    required: ['id', 'of', 'code-in', 'members', 'component'],
  },
  layer: {
    members: {
      layer: text('Which layer', ['additions', 'site', 'sender']),
      sender: text('MSH-3|MSH-4; * stands for anything', 'sender'),
      rules: objects('Rules that are overridden, disabled or added', 'change'),
      tables: objects('Rows that are added', 'table'),
      filters: objects('Messages that are acknowledged and not applied', 'filter'),
      maps: {
        help: 'Whole maps',
        shape: {
          is: 'list',
          of: {
            is: 'either',
            of: [
              { is: 'object', name: 'segmentMap' },
              { is: 'object', name: 'datatypeMap' },
            ],
          },
        },
      },
      messages: objects('Whole messages', 'message'),
      panels: objects('Panels', 'panel'),
      events: entries('What trigger events say of a visit', { is: 'object', name: 'event' }, 'event'),
      updates: objects('What any message says at a lower rank', 'update'),
      keys: entries('Ways to the key of each type', { is: 'nested', name: 'way' }, 'resource'),
      tests,
    },
    required: ['layer'],
  },
  change: {
    members: {
      override: text('Rule of which the stated keys are replaced', 'rule'),
      disable: text('Rule that is left out', 'rule'),
      add: text('Map to which this rule is added', 'map'),
      before: text('Rule before which it is added'),
      after: text('Rule after which it is added'),
      ...rule,
    },
    required: [],
  },
  testFile: { members: { tests }, required: ['tests'] },
  test: {
    members: {
      name: text('What the case shows'),
      map: text('Map that is run', 'map'),
      table: text('Table that is looked up, or handed to the map'),
      system: text('Code system handed to the map', 'system'),
      input: text('HL7: a value, segments or a message'),
      at: text('Field of the segments that a data type map runs on', 'path'),
      event: text('Message type and event of segments: ADT^A01'),
      sender: text('Whose layers count: MSH-3|MSH-4', 'sender'),
      zone: text('Time zone'),
      settings: any('Settings of the tenant'),
      codes: entries('What the table makes of each code; null: it has no row', { is: 'any' }),
      expect: any('What must come out; null must not be there'),
      only: flag('Nothing else may come out'),
    },
    required: [],
  },
};

function matchSide(): Shape {
  return {
    is: 'either',
    of: [
      { is: 'texts', of: 'path' },
      { is: 'object', name: 'matchPart' },
    ],
  };
}

/** Objects of mapping files. */
export type ObjectName =
  | 'topRule'
  | 'nested'
  | 'display'
  | 'segmentMap'
  | 'datatypeMap'
  | 'level'
  | 'table'
  | 'concept'
  | 'message'
  | 'build'
  | 'match'
  | 'matchPair'
  | 'matchPart'
  | 'fact'
  | 'filter'
  | 'identity'
  | 'way'
  | 'keyPart'
  | 'eventFile'
  | 'event'
  | 'update'
  | 'panelFile'
  | 'panel'
  | 'layer'
  | 'change'
  | 'testFile'
  | 'test';

/** The shape of an object of a mapping file. */
export function objectShape(name: ObjectName): ObjectShape {
  return shapes[name];
}

/** Every key that an object may have. */
export function keysOf(name: ObjectName): readonly string[] {
  return Object.keys(shapes[name].members);
}
