import { openEmbeddedResources } from '../../../src/store/embedded/resources.js';
import { searchSuite } from '../../conformance/search-suite.js';
import { temporaryFolder } from './temporary-folder.js';

for (const wide of [undefined, 2])
  searchSuite(`embedded, ${wide === undefined ? 'gathering' : 'walking'}`, async () => {
    const folder = temporaryFolder();
    const port = openEmbeddedResources(folder.path, wide);
    return {
      port,
      end: async () => {
        await port.close();
        folder.remove();
      },
    };
  });
