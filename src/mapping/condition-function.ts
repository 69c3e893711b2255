import type { ValueNode } from '../hl7/value-node.js';
import type { Comparison, Condition } from './condition.js';
import { tests } from './descriptions.js';
import { compileReadAll, compileReadOne, compileReadText, segmentsReader } from './read.js';
import type { Run } from './run.js';
import type { SourcePath } from './source-path.js';

/** A compiled condition, asked where a rule stands. */
export type Test = (run: Run, node: ValueNode | undefined) => boolean;

/** Makes a function of a condition. */
export function compileCondition(condition: Condition): Test {
  return tests.as(testOf(condition), { condition });
}

function testOf(condition: Condition): Test {
  switch (condition.op) {
    case 'and': {
      const tests = condition.of.map(compileCondition);
      return (run, node) => tests.every((test) => test(run, node));
    }
    case 'or': {
      const tests = condition.of.map(compileCondition);
      return (run, node) => tests.some((test) => test(run, node));
    }
    case 'not': {
      const test = compileCondition(condition.of);
      return (run, node) => !test(run, node);
    }
    case 'valued':
      return compileValued(condition.path);
    case 'equals': {
      const read = compileReadText(condition.path);
      const { to } = condition;
      if (typeof to === 'string') return (run, node) => read(run, node) === to;
      const other = compileReadText(to);
      return (run, node) => read(run, node) === other(run, node);
    }
    case 'in': {
      const read = compileReadText(condition.path);
      const values = new Set(condition.values);
      return (run, node) => values.has(read(run, node));
    }
    case 'length': {
      const read = compileReadText(condition.path);
      const compare = comparison(condition.is, condition.number);
      return (run, node) => compare(read(run, node).length);
    }
    case 'count': {
      const read = compileReadAll(condition.path);
      const compare = comparison(condition.is, condition.number);
      return (run) => compare(countValued(read(run, undefined)));
    }
    case 'contains': {
      const read = compileReadText(condition.path);
      const { to } = condition;
      if (typeof to === 'string') return (run, node) => read(run, node).includes(to);
      const other = compileReadText(to);
      return (run, node) => {
        const part = other(run, node);
        return part !== '' && read(run, node).includes(part);
      };
    }
    case 'starts': {
      const read = compileReadText(condition.path);
      return (run, node) => read(run, node).startsWith(condition.text);
    }
    case 'matches': {
      const read = compileReadText(condition.path);
      const pattern = new RegExp(condition.text, 'u');
      return (run, node) => pattern.test(read(run, node));
    }
    case 'setting':
      return (run) => run.tenant.accountsAreVisits;
  }
}

function compileValued(path: SourcePath): Test {
  if (path.kind === 'meta') {
    const read = compileReadText(path);
    return (run, node) => read(run, node) !== '';
  }
  if (path.kind === 'segment' && path.field === undefined) {
    const segments = segmentsReader(path);
    return (run) => segments(run).length > 0;
  }
  const read = compileReadOne(path);
  return (run, node) => read(run, node) !== undefined;
}

function countValued(nodes: readonly ValueNode[]): number {
  let count = 0;
  for (const node of nodes) if (node.isValued) count++;
  return count;
}

function comparison(is: Comparison, number: number): (value: number) => boolean {
  switch (is) {
    case '<':
      return (value) => value < number;
    case '<=':
      return (value) => value <= number;
    case '=':
      return (value) => value === number;
    case '!=':
      return (value) => value !== number;
    case '>=':
      return (value) => value >= number;
    case '>':
      return (value) => value > number;
  }
}
