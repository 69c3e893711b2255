import { openEmbeddedResources } from '../../../src/store/embedded/resources.js';
import { searchSuite } from '../../conformance/search-suite.js';
import { temporaryFolder } from './temporary-folder.js';

const ways = { gathering: undefined, sifting: { narrow: 0, wide: 5000 }, walking: { narrow: 2, wide: 2 } } as const;

for (const [way, widths] of Object.entries(ways))
  searchSuite(`embedded, ${way}`, async () => {
    const folder = temporaryFolder();
    const port = openEmbeddedResources(folder.path, widths);
    return {
      port,
      end: async () => {
        await port.close();
        folder.remove();
      },
    };
  });
