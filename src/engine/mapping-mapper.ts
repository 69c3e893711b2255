/** The engine's mapper over the compiled mapping language. */
import { fault } from '../core/errors.js';
import { type CompiledMapping, compileMapping } from '../mapping/compile.js';
import { identify } from '../mapping/identify.js';
import { eventTimeOf, type MapContext, mapMessage } from '../mapping/map-message.js';
import { patientKeys } from '../mapping/patient-keys.js';
import { printProblem } from '../mapping/problem.js';
import type { TraceSink } from '../mapping/trace.js';
import { parsedTree } from '../store/mapping-files.js';
import type { MapOptions, Mapper } from './mapper.js';

/** Compiles a set of mapping files. @throws Fault `mapping-invalid` with one line per problem, each with its place */
export function compileFiles(files: Readonly<Record<string, string>>): CompiledMapping {
  const { mapping, problems } = compileMapping(files, { treeOf: parsedTree });
  if (mapping === undefined) throw fault('mapping-invalid', problems.map(printProblem).join('\n'));
  return mapping;
}

/** A mapper over a compiled mapping; with a trace, everything it does is followed. */
export function mapperOver(mapping: CompiledMapping, version: number, trace?: TraceSink): Mapper {
  return {
    version,
    map(message, options, names) {
      const mapped = mapMessage(mapping, message, {
        ...contextOf(options),
        ...(trace === undefined ? {} : { trace }),
      });
      return { mapped, identified: identify(mapped, names.idOf) };
    },
    eventTime: (message, options) => eventTimeOf(message, contextOf(options)),
    patients(message, options, names) {
      return patientKeys(mapping, message, contextOf(options)).map((parts) => names.idOf('Patient', parts));
    },
  };
}

function contextOf({ tenant, arrival, zone, views }: MapOptions): MapContext {
  return { tenant, arrival, views: views === true, ...(zone === undefined ? {} : { listenerZone: zone }) };
}
