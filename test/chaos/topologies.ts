/** The topologies that runs use. */
import type { TopologyOptions } from './topology.js';

export const smallTopology: TopologyOptions = {
  processes: { intake: 2, transform: 2, facade: 1 },
  tenants: 2,
  feedsPerTenant: 2,
};

export const wholeTopology: TopologyOptions = {
  processes: { intake: 2, transform: 2, facade: 2 },
  tenants: 3,
  feedsPerTenant: 3,
};
