import { literal, type SourceWriter } from '../core/source-writer.js';
import { gatedRules, type RuleDescription, reads, rules } from './descriptions.js';
import type { RegisterRule } from './register-compiler.js';
import { here, testExpression } from './write-reads.js';
import { wrapped } from './write-targets.js';
import { writeMade, writeMake } from './write-values.js';
import type { At } from './written-at.js';

/** Writes the rules of a map in order, each a function of its own behind its gate. */
export function writeRules(w: SourceWriter, all: readonly RegisterRule[], at: At): void {
  const calls: string[] = [];
  const parameters = at.node === '' ? 'run, s' : `run, s, ${at.node}`;
  for (const each of all) {
    const gated = gatedRules.of(each);
    const described = gated === undefined ? undefined : rules.of(gated.rule);
    const gate = (gated?.fields ?? []).map((field) => `s.isEmpty(${field})`).join(' && ');
    const condition = gate === '' ? '' : `if (!(${gate})) `;
    if (gated === undefined || described === undefined) {
      calls.push(`${condition}${w.constant(gated?.rule ?? each)}(${here(at)});`);
      continue;
    }
    const name = w.name('rule');
    calls.push(`${condition}${name}(${parameters});`);
    w.block(`function ${name}(${parameters})`, () => {
      const result = w.name('r');
      w.line(`let ${result} = false;`);
      writeRule(w, gated.rule, at, result);
      w.line(`return ${result};`);
    });
  }
  for (const call of calls) w.line(call);
}

/** Writes one rule; `result` is set where it set or deleted something. */
function writeRule(w: SourceWriter, rule: RegisterRule, at: At, result: string): void {
  const described = rules.of(rule);
  if (described === undefined) {
    w.line(`${result} = ${w.constant(rule)}(${here(at)});`);
    return;
  }
  switch (described.op) {
    case 'when': {
      const { test, rule: inner, fallback } = described;
      const write = (): void => {
        w.block('', () => writeRule(w, inner, at, result));
        if (fallback !== undefined) w.line(`if (!${result}) ${result} = ${w.constant(fallback)}(run);`);
      };
      if (test === undefined) write();
      else w.block(`if (${testExpression(w, test, at)})`, write);
      return;
    }
    case 'first':
      for (const each of described.rules) w.block(`if (!${result})`, () => writeRule(w, each, at, result));
      return;
    case 'element':
      writeElement(w, described, at, result);
  }
}

function writeElement(
  w: SourceWriter,
  described: Extract<RuleDescription, { op: 'element' }>,
  at: At,
  result: string,
): void {
  const { register, mode } = described;
  const single = !register.list;
  const path = literal(register.path);
  if (!single || mode === 'each') {
    writeParts(w, described, at, result);
    return;
  }
  w.line(`if (isTaken(run.draft, ${path})) ${result} = true;`);
  w.block('else', () => writeParts(w, described, at, result));
}

function writeParts(
  w: SourceWriter,
  described: Extract<RuleDescription, { op: 'element' }>,
  at: At,
  result: string,
): void {
  const { register, target, mode, source, make } = described;
  const single = !register.list;
  const [path, rule] = [literal(register.path), literal(described.rule)];
  if (mode === 'here') {
    const node = w.name('n');
    w.line(`const ${node} = ${at.node === '' ? 'run.segment.node(1)' : at.node};`);
    writeMake(w, make, { node, text: '' }, { ...at, node }, (value) => {
      const set = wrapped(target, value);
      if (single) w.line(`${result} = emitOne(run, ${path}, ${rule}, ${set});`);
      else w.line(`${result} = emitList(run, ${rule}, ${path}, asList(${set}));`);
    });
    return;
  }
  if (mode === 'one') {
    const emit = single ? 'emitOne' : 'emitWhole';
    const set = (value: string): void => {
      const there = wrapped(target, value);
      w.line(`${result} = ${emit}(run, ${path}, ${rule}, ${single ? there : `asList(${there})`});`);
    };
    writeMade(w, source, make, at, set, () => {
      // nothing valued, but `""`: the sender asks to delete it
      const asked = `${w.constant(source.all)}(${here(at)})[0]?.isDelete === true`;
      const none = `${w.constant(source.one)}(${here(at)}) === undefined`;
      w.line(`if (${asked} && ${none}) ${result} = ${emit}(run, ${path}, ${rule}, null);`);
    });
    return;
  }
  const [nodes, node, values, before] = [w.name('n'), w.name('n'), w.name('v'), w.name('c')];
  w.line(`const ${nodes} = ${nodesExpression(w, described, at)};`);
  w.block(`if (${nodes}.length !== 0)`, () => {
    w.line(`const ${values} = [], ${before} = run.repetition;`);
    w.block(`for (const ${node} of ${nodes})`, () => {
      w.line(`if (!${node}.isValued) continue;`);
      w.line(`run.repetition = ${node}.repetition;`);
      writeMake(w, make, { node, text: '' }, { ...at, node }, (value) => {
        w.line(`if (Array.isArray(${value})) for (const each of ${value}) ${values}.push(${wrapped(target, 'each')});`);
        w.line(`else ${values}.push(${wrapped(target, value)});`);
      });
    });
    w.line(`run.repetition = ${before};`);
    w.line(`if (${values}.length > 0) ${result} = emitList(run, ${rule}, ${path}, ${values});`);
    w.line(`else if (${nodes}.every((each) => each.isDelete)) ${result} = emitWhole(run, ${path}, ${rule}, null);`);
  });
}

/** The values of a list: of a whole field of the segment at hand its repetitions, else what the source gives. */
function nodesExpression(w: SourceWriter, { source }: Extract<RuleDescription, { op: 'element' }>, at: At): string {
  const described = reads.of(source.all);
  if (described !== undefined && 'path' in described && described.path.kind === 'segment' && at.node === '') {
    const { groups, all, segment, field, repetition, component } = described.path;
    const plain = groups.length === 0 && !all && repetition === undefined && component === undefined;
    if (plain && field !== undefined && segment === at.segment) return `fieldNodes(s, ${field})`;
  }
  return `${w.constant(source.all)}(${here(at)})`;
}
