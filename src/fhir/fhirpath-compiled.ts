import type { TypeModel } from './definitions/type-model.js';
import type { Item, Items } from './fhirpath-items.js';

/** What is known of an item before there is one; `model` null with type `any`: nothing is known. */
export interface Shape {
  readonly type: string;
  readonly model: TypeModel | null;
}

/** The resource an expression is evaluated in (`%resource`), and the one that contains it (`%rootResource`). */
export interface Scope {
  readonly resource: Item;
  readonly root: Item;
  /** Takes down the elements of the root that were looked at, where somebody wants to know. */
  readonly asked?: Set<string>;
}

/** A compiled expression: a function of a collection, and the types its result can have. */
export interface Compiled {
  readonly run: (input: Items, scope: Scope) => Items;
  readonly shapes: readonly Shape[];
}

export const booleanShapes: readonly Shape[] = [{ type: 'boolean', model: null }];
