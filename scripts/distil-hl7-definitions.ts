/** Writes src/hl7/definition-table.ts from the dictionary. Run after `npm run build`. */
import { writeFileSync } from 'node:fs';
import { loadDictionary } from '../src/hl7/dictionary.js';
import { definitionTable } from './hl7-definition-table.js';

writeFileSync('src/hl7/definition-table.ts', definitionTable(await loadDictionary()));
