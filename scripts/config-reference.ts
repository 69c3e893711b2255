/** Writes docs/configuration.md from the schema. Run after `npm run build`. */
import { writeFileSync } from 'node:fs';
import { configReference } from '../src/core/config-reference.js';

writeFileSync('docs/configuration.md', configReference());
