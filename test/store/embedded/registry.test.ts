import { join } from 'node:path';
import { openEmbeddedRegistry } from '../../../src/store/embedded/registry.js';
import { registrySuite } from '../../conformance/registry-suite.js';
import { temporaryFolder } from './temporary-folder.js';

registrySuite('embedded', async () => {
  const folder = temporaryFolder();
  const file = join(folder.path, 'registry.db');
  const port = openEmbeddedRegistry(file);
  return {
    port,
    other: async () => openEmbeddedRegistry(file),
    end: async () => {
      await port.close();
      folder.remove();
    },
  };
});
