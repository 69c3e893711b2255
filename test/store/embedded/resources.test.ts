import { startReadThread } from '../../../src/store/embedded/read-client.js';
import { openEmbeddedResources } from '../../../src/store/embedded/resources.js';
import { resourceSuite } from '../../conformance/resource-suite.js';
import { temporaryFolder } from './temporary-folder.js';

resourceSuite('embedded, read in a thread of its own', async () => {
  const folder = temporaryFolder();
  const port = openEmbeddedResources(folder.path);
  const reader = startReadThread(folder.path);
  return {
    port,
    reader,
    end: async () => {
      await reader.close();
      await port.close();
      folder.remove();
    },
  };
});
