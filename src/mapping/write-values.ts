import { literal, type SourceWriter } from '../core/source-writer.js';
import { converts, type FillDescription, fills, makes, reads, steps } from './descriptions.js';
import type { Fill } from './fill.js';
import type { ReadOne } from './read.js';
import type { Make } from './run.js';
import type { Source } from './source-compiler.js';
import type { Step } from './value-compiler.js';
import { here, nodeExpression, readsByText, testExpression, textExpression, textOfRead } from './write-reads.js';
import { writeHas, writeTarget } from './write-targets.js';
import { type At, jsonLiteral } from './written-at.js';

/** The value that a maker works on: a node, or the text of one that is valued, with the node where one is needed after all. */
interface Spot {
  /** Expression of the node. */
  readonly node: string;
  /** Variable of its text; '' where it is read from the node. */
  readonly text: string;
}

/** Writes what follows where a value was made. */
type Then = (value: string) => void;

/** True where only the text of the value goes into what is made. */
function takesText(make: Make): boolean {
  const described = makes.of(make);
  if (described?.op !== 'plain' && described?.op !== 'code') return false;
  let step: Step = described.step;
  for (;;) {
    const how = steps.of(step);
    if (how?.op === 'text') return true;
    if (how?.op !== 'apply' || how.takes === 'node') return false;
    step = how.before;
  }
}

/** Writes the making of the value of a source's first valued node; `otherwise` is reached where none has a text. */
export function writeMade(
  w: SourceWriter,
  source: Source,
  make: Make,
  at: At,
  then: Then,
  otherwise: () => void = () => {},
): void {
  if (!source.given) {
    if (at.node !== '') writeMake(w, make, { node: at.node, text: '' }, at, then);
    return;
  }
  const one: ReadOne = source.one;
  if (takesText(make) && readsByText(one, at)) {
    const text = w.name('t');
    w.line(`const ${text} = ${textOfRead(one, at)};`);
    w.block(`if (${text} !== '')`, () => {
      writeMake(w, make, { node: nodeExpression(w, one, at), text }, at, then);
    });
    w.block('else', otherwise);
    return;
  }
  const node = w.name('n');
  w.line(`const ${node} = ${nodeExpression(w, one, at)};`);
  w.block(`if (${node} !== undefined)`, () => writeMake(w, make, { node, text: '' }, { ...at, node }, then));
  w.block('else', otherwise);
}

/** Writes the making of a value; what `then` writes is reached where there is one. */
export function writeMake(w: SourceWriter, make: Make, spot: Spot, at: At, then: Then): void {
  const described = makes.of(make);
  const value = w.name('v');
  const given = (expression: string): void => {
    w.line(`const ${value} = ${expression};`);
    w.block(`if (${value} !== undefined)`, () => then(value));
  };
  switch (described?.op) {
    case undefined:
      given(`${w.constant(make)}(run, ${spot.node})`);
      return;
    case 'constant':
      w.line(`const ${value} = ${constantExpression(w, make as () => never, described.value)};`);
      then(value);
      return;
    case 'object':
      w.line(`const ${value} = {};`);
      then(value);
      return;
    case 'map':
      given(`${w.constant(described.map)}.make(run, ${spot.node})`);
      return;
    case 'codes': {
      const [system, table] = [w.name('c'), w.name('c')];
      w.line(`const ${system} = run.system, ${table} = run.table;`);
      w.line(`run.system = ${described.system === undefined ? 'undefined' : literal(described.system)};`);
      w.line(`run.table = ${described.table === undefined ? 'undefined' : w.constant(described.table)};`);
      w.line(`let ${value};`);
      w.block('', () => writeMake(w, described.make, spot, at, (made) => w.line(`${value} = ${made};`)));
      w.line(`run.system = ${system}; run.table = ${table};`);
      w.block(`if (${value} !== undefined)`, () => then(value));
      return;
    }
    case 'set': {
      writeMake(w, described.make, spot, at, (made) => {
        const [node, filled, label] = [w.name('n'), w.name('g'), w.name('l')];
        w.block(`if (isObject(${made}))`, () => {
          w.line(`const ${node} = ${spot.node};`);
          w.line(`let ${filled} = ${described.mapped};`);
          w.block(`${label}:`, () => {
            for (const fill of described.fills) writeFillOf(w, fill, { ...at, node }, made, filled, label);
          });
          w.block(`if (${filled})`, () => then(made));
        });
      });
      return;
    }
    case 'plain': {
      const { step, convert } = described;
      const how = converts.of(convert);
      const { text, kind } = writeStep(w, step, spot, at);
      w.line(`let ${value};`);
      if (kind === 'any') {
        w.line(`if (typeof ${text} === 'string') ${value} = ${w.constant(convert)}(run, ${spot.node}, ${text});`);
        w.line(
          `else if (typeof ${text} === 'number') ${value} = ${w.constant(convert)}(run, ${spot.node}, String(${text}));`,
        );
      } else {
        w.block(`if (${text} !== undefined)`, () => {
          if (how?.to === 'text') w.line(`${value} = cleanText(${text});`);
          else if (how?.to === 'code') {
            w.line(`${value} = ${text}.trim();`);
            const call = `${w.constant(convert)}(run, ${spot.node}, ${text})`;
            w.line(`if (!${w.constant(how.allowed)}.has(${value})) ${value} = ${call};`);
          } else w.line(`${value} = ${w.constant(convert)}(run, ${spot.node}, ${text});`);
        });
      }
      w.block(`if (${value} !== undefined)`, () => then(value));
      return;
    }
    case 'code':
      writeCode(w, described, spot, at, value);
      w.block(`if (${value} !== undefined)`, () => then(value));
  }
}

/** A constant of a rule, new each time. */
function constantExpression(w: SourceWriter, make: (run: never) => unknown, value: unknown): string {
  return jsonLiteral(value) ?? `${w.constant(make)}(run)`;
}

/** Declares the value of a code through a table or with a system. */
function writeCode(
  w: SourceWriter,
  described: Extract<ReturnType<typeof makes.of>, { op: 'code' }>,
  spot: Spot,
  at: At,
  value: string,
): void {
  const { step, table, system, shape, convert } = described;
  const { text } = writeStep(w, step, spot, at);
  const shaped = (coding: string): string => (shape === 'Coding' ? coding : `{ coding: [${coding}] }`);
  const known = (name: string | undefined): string => (name === undefined ? 'undefined' : literal(name));
  const [code, concept] = [w.name('c'), w.name('c')];
  w.line(`let ${value};`);
  w.block(`if (typeof ${text} === 'string')`, () => {
    w.line(`const ${code} = ${text}.trim();`);
    if (table === undefined) {
      if (convert !== undefined) w.line(`${value} = ${w.constant(convert)}(run, ${spot.node}, ${code});`);
      else w.line(`${value} = ${shaped(`codingOf(${known(system)}, ${code}, undefined)`)};`);
      return;
    }
    const name = w.constant(table);
    w.line(`const ${concept} = ${name}.codes.get(${code}) ?? translate(run, ${spot.node}, ${name}, ${code});`);
    if (convert !== undefined) {
      const otherwise = table.unmapped === 'keep' ? `${w.constant(convert)}(run, ${spot.node}, ${code})` : 'undefined';
      w.line(`${value} = ${concept} !== undefined ? ${concept}.code : ${otherwise};`);
      return;
    }
    const coded = `codingOf(${concept}.system, ${concept}.code, ${concept}.display)`;
    w.line(`if (${concept} !== undefined) ${value} = ${shaped(coded)};`);
    if (table.unmapped !== 'drop') {
      w.line(`else ${value} = ${shaped(`codingOf(${known(system ?? table.source)}, ${code}, undefined)`)};`);
    }
  });
}

/** Writes the text before table or conversion: a variable that is undefined where there is none. */
function writeStep(
  w: SourceWriter,
  step: Step,
  spot: Spot,
  at: At,
): { readonly text: string; readonly kind: 'text' | 'any' } {
  const described = steps.of(step);
  const text = w.name('x');
  switch (described?.op) {
    case 'text':
      if (spot.text !== '') return { text: spot.text, kind: 'text' };
      w.line(`const ${text} = ownText(${spot.node}) || undefined;`);
      return { text, kind: 'text' };
    case 'format':
      w.line(`const ${text} = ${textExpression(w, described.format, at)} || undefined;`);
      return { text, kind: 'text' };
    case 'apply': {
      const bound = w.constant(described.bound);
      if (described.takes === 'node') {
        w.line(`const ${text} = ${bound}(run, ${spot.node}, '');`);
        return { text, kind: 'any' };
      }
      const before = writeStep(w, described.before, spot, at).text;
      w.line(`const ${text} = typeof ${before} === 'string' ? ${bound}(run, undefined, ${before}) : ${before};`);
      return { text, kind: 'any' };
    }
    case undefined:
      w.line(`const ${text} = ${w.constant(step)}(run, ${spot.node});`);
      return { text, kind: 'any' };
  }
}

/**
 * Writes a nested rule among others of an object: `filled` is set where something of the message went in; where what is
 * required is missing, it is unset and the block of that label left.
 */
export function writeFillOf(w: SourceWriter, fill: Fill, at: At, into: string, filled: string, label: string): void {
  const described = fills.of(fill);
  if (described?.op === 'required') {
    const result = w.name('r');
    w.line(`let ${result} = 0;`);
    w.block('', () => writeFill(w, described.fill, at, into, (level) => w.line(`${result} = ${level};`)));
    w.line(`if (${result} <= 0) { ${filled} = false; break ${label}; }`);
    w.line(`if (${result} === 2) ${filled} = true;`);
    return;
  }
  w.block('', () => {
    if (described === undefined) {
      const result = w.name('r');
      w.line(`const ${result} = ${w.constant(fill)}(${here(at)}, ${into});`);
      w.line(`if (${result} === -1) { ${filled} = false; break ${label}; }`);
      w.line(`if (${result} === 2) ${filled} = true;`);
    } else {
      writeFill(w, fill, at, into, (level) => {
        if (level === 2) w.line(`${filled} = true;`);
        else if (level !== 1) w.line(`if (${level} === 2) ${filled} = true;`);
      });
    }
  });
}

/** Writes what is done where a nested rule set something: 1 a constant, 2 something of the message, or a variable of these. */
type Done = (level: 1 | 2 | string) => void;

function writeFill(w: SourceWriter, fill: Fill, at: At, into: string, done: Done): void {
  const described = fills.of(fill);
  if (described === undefined) {
    const result = w.name('r');
    w.line(`const ${result} = ${w.constant(fill)}(${here(at)}, ${into});`);
    w.block(`if (${result} > 0)`, () => done(result));
    return;
  }
  switch (described.op) {
    case 'required':
      writeFill(w, described.fill, at, into, done);
      return;
    case 'default': {
      const result = w.name('r');
      w.line(`let ${result} = 0;`);
      w.block('', () => writeFill(w, described.fill, at, into, (level) => w.line(`${result} = ${level};`)));
      w.block(`if (${result} === 0 && !${writeHas(w, described.target, into, described.has)})`, () => {
        const copy = makes.of(described.copy);
        const value =
          copy?.op === 'constant'
            ? constantExpression(w, described.copy, copy.value)
            : `${w.constant(described.copy)}(run)`;
        writeTarget(w, described.target, into, value);
        w.line(`${result} = 1;`);
      });
      w.block(`if (${result} !== 0)`, () => done(result));
      return;
    }
    case 'first':
      conditionally(w, described.test, at, () => {
        const result = w.name('r');
        w.line(`let ${result} = 0;`);
        writeFirst(w, described.fills, at, into, result);
        w.block(`if (${result} !== 0)`, () => done(result));
      });
      return;
    case 'switch':
      conditionally(w, described.test, at, () => writeSwitch(w, described, at, into, done));
      return;
    case 'simple':
      conditionally(w, described.test, at, () => writeSimple(w, described, at, into, done));
  }
}

function conditionally(
  w: SourceWriter,
  test: Extract<FillDescription, { op: 'first' }>['test'],
  at: At,
  write: () => void,
) {
  if (test === undefined) write();
  else w.block(`if (${testExpression(w, test, at)})`, write);
}

function writeFirst(w: SourceWriter, choices: readonly Fill[], at: At, into: string, result: string): void {
  for (const choice of choices) {
    w.block(`if (${result} === 0)`, () => {
      writeFill(w, choice, at, into, (level) => w.line(`${result} = ${level};`));
    });
  }
}

function writeSwitch(
  w: SourceWriter,
  described: Extract<FillDescription, { op: 'switch' }>,
  at: At,
  into: string,
  done: Done,
): void {
  const result = w.name('r');
  w.line(`let ${result} = 0;`);
  const by = textExpression(w, described.by, at);
  w.block(`switch (${by})`, () => {
    for (const choices of new Set(described.cases.values())) {
      for (const [name, each] of described.cases) if (each === choices) w.line(`case ${literal(name)}:`);
      w.block('', () => writeFirst(w, choices, at, into, result));
      w.line('break;');
    }
  });
  writeFirst(w, described.otherwise, at, into, result);
  w.block(`if (${result} !== 0)`, () => done(result));
}

function writeSimple(
  w: SourceWriter,
  described: Extract<FillDescription, { op: 'simple' }>,
  at: At,
  into: string,
  done: Done,
): void {
  const { target, source, make, copy, each } = described;
  if (copy !== undefined) {
    const constant = makes.of(copy);
    const value =
      constant?.op === 'constant' ? constantExpression(w, copy, constant.value) : `${w.constant(copy)}(run)`;
    writeTarget(w, target, into, value);
    done(described.done);
    return;
  }
  const then = (value: string): void => {
    writeTarget(w, target, into, value);
    done(described.done);
  };
  if (!each) {
    writeMade(w, source, make, at, then);
    return;
  }
  const path = reads.of(source.one);
  if (path !== undefined && 'path' in path && path.path.kind === 'part') {
    // one part has one value
    writeMade(w, source, make, at, then);
    return;
  }
  const node = w.name('n');
  const result = w.name('r');
  w.line(`let ${result} = 0;`);
  w.block(`for (const ${node} of ${w.constant(source.all)}(${here(at)}))`, () => {
    w.block(`if (${node}.isValued)`, () => {
      writeMake(w, make, { node, text: '' }, { ...at, node }, (value) => {
        writeTarget(w, target, into, value);
        w.line(`${result} = ${described.done};`);
      });
    });
  });
  w.block(`if (${result} !== 0)`, () => done(result));
}
