/**
 * Writes mappings/schema/ from the shapes of mapping files, and names its schema in the first line of every mapping file that names
 * none, so that editors complete it. Run after `npm run build`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileSchema, schemaFiles } from '../src/mapping/file-schema.js';
import { readMappingFiles } from '../src/store/mapping-files.js';
import { schemaLine } from './schema-line.js';

mkdirSync('mappings/schema', { recursive: true });
for (const kind of Object.keys(schemaFiles)) {
  writeFileSync(`mappings/schema/${kind}.json`, `${JSON.stringify(fileSchema(kind), null, 1)}\n`);
}
for (const name of Object.keys(readMappingFiles('mappings'))) {
  const text = readFileSync(`mappings/${name}`, 'utf8');
  const line = schemaLine(name, text);
  if (line !== undefined && !text.startsWith('# yaml-language-server:')) {
    writeFileSync(`mappings/${name}`, `${line}\n${text}`);
  }
}
