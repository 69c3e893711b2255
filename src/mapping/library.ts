import type { TypeModel } from '../fhir/definitions/type-model.js';
import type { SystemNames } from './codes.js';
import type { Fill } from './fill.js';
import type { KeyWays } from './key-rules.js';
import { didYouMean, type Place, type Problems } from './problem.js';
import type { RuleSet } from './rule-set.js';
import type { Make } from './run.js';
import type { ConceptTable } from './table.js';
import type { YamlReading } from './yaml-reading.js';
import type { YamlMap } from './yaml-tree.js';

/** A segment or data type map as read, after all layers. */
export interface MapSource {
  /** `PID[Patient]`, `CX[Identifier-patient]`. */
  readonly name: string;
  readonly kind: 'segment' | 'datatype';
  /** `PID`, `CX`. */
  readonly from: string;
  /** FHIR type, or a part of a resource: `Observation.component`. */
  readonly target: string;
  readonly rules: YamlMap[];
  readonly chain: readonly YamlMap[];
  readonly display: YamlMap | undefined;
  readonly place: Place;
}

/** A data type map made into a function. Maps may call each other: the function is there when the first message comes. */
export interface ValueMap {
  readonly target: string;
  make: Make;
}

export interface ResourceMap {
  readonly type: string;
  make: Make;
}

/**
 * What compiles one kind of thing each. A value may hold filled objects and maps, and those hold values: whoever makes values gets
 * these handed down and imports none of them.
 */
export interface Compilers {
  /** A rule of `set` or of a data type map. */
  readonly fill: (rule: YamlMap, model: TypeModel | null, type: string, library: Library) => Fill;
  /** A data type map, compiled at its first use. */
  readonly valueMap: (source: MapSource, library: Library) => ValueMap;
  /** A data type map for a resource, compiled at its first use. */
  readonly resourceMap: (source: MapSource, library: Library) => ResourceMap;
}

/** All that the files say, by name, and what was made of it so far. */
export class Library {
  readonly problems: Problems;
  readonly reading: YamlReading;
  readonly compile: Compilers;
  readonly maps = new Map<string, MapSource>();
  /** What maps may be called in truth that name no segment, data type or FHIR type. */
  readonly misnamed: RegExp[] = [];
  /** The data type of the map that is being compiled. */
  datatype: string | undefined;
  /** The data types of the value that nested rules stand at; undefined where they are not known. */
  here: readonly string[] | undefined;
  /** The names of the groups of all messages. */
  readonly groups = new Set<string>();
  readonly tables = new Map<string, ConceptTable>();
  readonly keys = new Map<string, KeyWays>();
  readonly valueMaps = new Map<string, ValueMap>();
  readonly segmentRules = new Map<string, RuleSet>();
  readonly resourceMaps = new Map<string, ResourceMap>();
  /** How often rules run before source is generated of them. */
  readonly generateAfter: number;

  constructor(problems: Problems, reading: YamlReading, compile: Compilers, generateAfter: number) {
    this.generateAfter = generateAfter;
    this.problems = problems;
    this.reading = reading;
    this.compile = compile;
  }

  /** Compiles what a map of a data type holds; undefined: of a segment. */
  within<T>(datatype: string | undefined, compile: () => T): T {
    const { datatype: outer, here } = this;
    this.datatype = datatype;
    this.here = datatype === undefined ? undefined : [datatype];
    const made = compile();
    this.datatype = outer;
    this.here = here;
    return made;
  }

  /** The names of coding systems. */
  get systemNames(): SystemNames {
    return this.tables.get('HL70396.uri')?.codes ?? new Map();
  }

  /** Undefined where there is none: a problem, unless a map whose own name is wrong is the one that is missed. */
  map(name: string, place: Place): MapSource | undefined {
    const found = this.maps.get(name);
    if (found === undefined && !this.misnamed.some((pattern) => pattern.test(name)))
      this.problems.add(place, `there is no map '${name}'${didYouMean(name, this.maps.keys())}`);
    return found;
  }

  table(name: string, place: Place): ConceptTable | undefined {
    const found = this.tables.get(name);
    if (found === undefined) {
      this.problems.add(place, `there is no table '${name}'${didYouMean(name, this.tables.keys())}`);
    }
    return found;
  }
}
