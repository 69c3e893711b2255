import type { Hl7Message } from '../message.js';
import type { Segment } from '../segment.js';
import { compareVersions } from '../version.js';
import type { LintContext } from './report.js';

/** A field of usage C (HL7 v2.8, 2.5.3.3) whose condition a program can decide. */
interface Conditional {
  readonly segment: string;
  readonly field: number;
  /** The first version whose text has the condition. */
  readonly since: string;
  /** True where the field must have a value. */
  readonly isRequired: (segment: Segment, facts: Facts) => boolean;
  readonly because: string;
}

/** What is known of a message as a whole, gathered in one pass. */
interface Facts {
  /** Each OBX whose OBX-3 stands in another one under the same OBR. */
  readonly repeated: ReadonlySet<Segment>;
  /** Each ORC that an OBR with a placer number follows before the next ORC. */
  readonly numbered: ReadonlySet<Segment>;
}

const isResult = ({ message }: Segment): boolean => ['ORU', 'OUL'].includes(message.header.value(9));

const hasEvent =
  (...events: readonly string[]) =>
  ({ message }: Segment): boolean =>
    events.includes(message.header.value(9, 1, 2));

/** Statuses of a result that there is none of: ordered, scheduled, received, cancelled. */
const unobserved: ReadonlySet<string> = new Set(['O', 'I', 'S', 'X', 'Y', 'Z']);

const problemUpdate = hasEvent('P12');

/** In the order of segments and fields. What the standard leaves to people, such as "when known", is not here. */
const conditionals: readonly Conditional[] = [
  {
    ...{ segment: 'DG1', field: 20, since: '2.5', isRequired: problemUpdate },
    because: 'P12 names the diagnosis it changes',
  },
  { segment: 'DG1', field: 21, since: '2.5', isRequired: problemUpdate, because: 'P12 says what to do with it' },
  {
    ...{ segment: 'OBR', field: 7, since: '2.3', because: 'a report says when it was observed' },
    isRequired: (obr) => isResult(obr) && !unobserved.has(obr.value(25)),
  },
  { segment: 'OBR', field: 25, since: '2.3', isRequired: isResult, because: 'a report says its status' },
  {
    ...{ segment: 'OBX', field: 4, since: '2.7', because: 'OBX-3 comes again under one OBR' },
    isRequired: (obx, { repeated }) => repeated.has(obx),
  },
  {
    ...{ segment: 'ORC', field: 2, since: '2.3', because: 'a new order has its number in ORC-2 or OBR-2' },
    isRequired: (orc, { numbered }) => orc.value(1) === 'NW' && !numbered.has(orc),
  },
  {
    ...{ segment: 'PID', field: 35, since: '2.5', because: 'PID-36 or PID-38 has a value' },
    isRequired: (pid) => pid.isValued(36) || pid.isValued(38),
  },
  { segment: 'PID', field: 36, since: '2.5', isRequired: (pid) => pid.isValued(37), because: 'PID-37 has a value' },
  {
    ...{ segment: 'PR1', field: 19, since: '2.5', isRequired: problemUpdate },
    because: 'P12 names the procedure it changes',
  },
  { segment: 'PR1', field: 20, since: '2.5', isRequired: problemUpdate, because: 'P12 says what to do with it' },
  {
    ...{ segment: 'TQ2', field: 3, since: '2.5', because: 'one of TQ2-3, TQ2-4 and TQ2-5 names the related order' },
    isRequired: (tq2) => !tq2.isValued(4) && !tq2.isValued(5),
  },
  {
    ...{ segment: 'TQ2', field: 6, since: '2.5', because: 'TQ2-6 or TQ2-10 says how the orders belong together' },
    isRequired: (tq2) => !tq2.isValued(10),
  },
  {
    ...{ segment: 'TXA', field: 3, since: '2.3', because: 'the document stands in OBX segments' },
    isRequired: ({ message }) => message.first('OBX') !== undefined,
  },
  { segment: 'TXA', field: 5, since: '2.3', isRequired: (txa) => txa.isValued(4), because: 'TXA-4 has a value' },
  { segment: 'TXA', field: 11, since: '2.3', isRequired: (txa) => txa.isValued(7), because: 'TXA-7 has a value' },
  {
    ...{ segment: 'TXA', field: 13, since: '2.3', isRequired: hasEvent('T05', 'T06', 'T09', 'T10') },
    because: 'an addendum or a replacement names its parent',
  },
  {
    ...{ segment: 'TXA', field: 22, since: '2.3', because: 'TXA-17 says that somebody authenticated it' },
    isRequired: (txa) => ['AU', 'LA'].includes(txa.value(17)),
  },
];

/** Fields that the version has and whose condition holds, without a value. */
export function checkConditionals(message: Hl7Message, { version, segment: define, report }: LintContext): void {
  const facts = factsOf(message);
  for (const segment of message.segments) {
    for (const { field, since, isRequired, because, ...of } of conditionals) {
      if (of.segment !== segment.name || compareVersions(version, since) < 0) continue;
      const defined = define(segment.name)?.fields.find(({ position }) => position === field);
      if (defined === undefined || defined.optionality === 'required') continue;
      if (segment.isValued(field) || segment.isDelete(field) || !isRequired(segment, facts)) continue;
      report('field-conditional', segment.node(field), `${defined.name.trim()} is required here`, because);
    }
  }
}

function factsOf({ segments }: Hl7Message): Facts {
  const repeated = new Set<Segment>();
  const numbered = new Set<Segment>();
  let order: Segment | undefined;
  let seen = new Map<string, Segment>();
  for (const segment of segments) {
    if (segment.name === 'ORC') order = segment;
    if (segment.name === 'OBR') {
      seen = new Map();
      if (order !== undefined && segment.isValued(2)) numbered.add(order);
    } else if (segment.name === 'OBX') {
      const code = segment.rawField(3);
      const other = seen.get(code);
      if (other === undefined) seen.set(code, segment);
      else repeated.add(segment).add(other);
    }
  }
  return { repeated, numbered };
}
