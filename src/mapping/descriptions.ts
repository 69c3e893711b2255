/**
 * What the functions that a mapping is compiled to do, for writing them out as source (`generate.ts`). A function without a
 * description is called as it is.
 */
import type { Json, JsonObject } from '../core/json.js';
import type { ValueNode } from '../hl7/value-node.js';
import type { Condition } from './condition.js';
import type { Test } from './condition-function.js';
import type { Convert } from './convert.js';
import type { Fill } from './fill.js';
import type { ValueMap } from './library.js';
import type { ReadAll, ReadOne, ReadText } from './read.js';
import type { RegisterRule } from './register-compiler.js';
import type { Make, Run } from './run.js';
import type { Source } from './source-compiler.js';
import type { SourcePath } from './source-path.js';
import type { ConceptTable } from './table.js';
import type { Register, Target } from './target-path.js';
import type { Step } from './value-compiler.js';

/** A path, or the first valued of several. */
export type ReadDescription =
  | { readonly path: SourcePath }
  | { readonly firstOf: readonly (ReadOne | ReadText)[] }
  | { readonly sections: readonly FormatSection[]; readonly encode: ((text: string) => string) | undefined };

export interface FormatSection {
  readonly optional: boolean;
  readonly parts: readonly (string | ReadText)[];
}

export type TestDescription =
  | { readonly condition: Condition }
  | { readonly events: readonly string[]; readonly test: Test | undefined };

export type StepDescription =
  /** The text of the value. */
  | { readonly op: 'text' }
  | { readonly op: 'format'; readonly format: ReadText }
  /** A function of the closed list; one that takes a text reads nothing of the value. */
  | {
      readonly op: 'apply';
      readonly before: Step;
      readonly takes: 'node' | 'text';
      readonly bound: (run: Run, node: ValueNode, text: string) => Json | undefined;
    };

export type ConvertDescription =
  | { readonly to: 'text' }
  | { readonly to: 'code'; readonly allowed: { has(code: string): boolean } };

export type MakeDescription =
  | { readonly op: 'constant'; readonly value: Json }
  | { readonly op: 'object' }
  | { readonly op: 'map'; readonly map: Pick<ValueMap, 'make'> }
  | {
      readonly op: 'codes';
      readonly make: Make;
      readonly system: string | undefined;
      readonly table: ConceptTable | undefined;
    }
  | {
      readonly op: 'code';
      readonly step: Step;
      readonly table: ConceptTable | undefined;
      readonly system: string | undefined;
      readonly shape: 'Coding' | 'CodeableConcept' | 'code';
      readonly convert: Convert | undefined;
    }
  | { readonly op: 'plain'; readonly step: Step; readonly convert: Convert }
  | { readonly op: 'set'; readonly make: Make; readonly fills: readonly Fill[]; readonly mapped: boolean };

export type FillDescription =
  | { readonly op: 'required'; readonly fill: Fill }
  | {
      readonly op: 'default';
      readonly fill: Fill;
      readonly target: Target;
      readonly has: (into: JsonObject) => boolean;
      readonly copy: (run: Run) => Json;
    }
  | { readonly op: 'first'; readonly test: Test | undefined; readonly fills: readonly Fill[] }
  | {
      readonly op: 'switch';
      readonly test: Test | undefined;
      readonly by: ReadText;
      readonly cases: ReadonlyMap<string, readonly Fill[]>;
      readonly otherwise: readonly Fill[];
    }
  | {
      readonly op: 'simple';
      readonly target: Target;
      readonly test: Test | undefined;
      readonly source: Source;
      readonly make: Make;
      /** Set where the value is a constant that needs nothing of the message. */
      readonly copy: ((run: Run) => Json) | undefined;
      readonly each: boolean;
      readonly done: 1 | 2;
    };

export type RuleDescription =
  | {
      readonly op: 'when';
      readonly test: Test | undefined;
      readonly rule: RegisterRule;
      readonly fallback: ((run: Run) => boolean) | undefined;
    }
  | { readonly op: 'first'; readonly rules: readonly RegisterRule[] }
  | {
      readonly op: 'element';
      readonly rule: string;
      readonly register: Register;
      readonly target: Target;
      readonly source: Source;
      readonly make: Make;
      /** `here`: without `from`; `one`: one value; `each`: every value of a list. */
      readonly mode: 'here' | 'one' | 'each';
    };

/** A rule of a segment map as it is called: what it does behind its gate. */
export interface GatedRule {
  readonly rule: RegisterRule;
  /** Fields of which one must hold something; undefined: it always runs. */
  readonly fields: readonly number[] | undefined;
}

class Described<F extends object, D> {
  readonly #known = new WeakMap<F, D>();

  /** Says what a function does; gives the function. */
  as<T extends F>(made: T, description: D): T {
    this.#known.set(made, description);
    return made;
  }

  of(made: F): D | undefined {
    return this.#known.get(made);
  }
}

export const reads = new Described<ReadOne | ReadAll | ReadText, ReadDescription>();
export const tests = new Described<Test, TestDescription>();
export const steps = new Described<Step, StepDescription>();
export const converts = new Described<Convert, ConvertDescription>();
/** Also of what gives a constant. */
export const makes = new Described<Make | ((run: Run) => Json), MakeDescription>();
export const fills = new Described<Fill, FillDescription>();
export const rules = new Described<RegisterRule, RuleDescription>();
export const gatedRules = new Described<RegisterRule, GatedRule>();
