/** The topologies that runs use. */
import type { TopologyOptions } from './topology.js';

export const smallTopology: TopologyOptions = { processes: { all: 2 }, tenants: 2, feedsPerTenant: 2 };

export const wholeTopology: TopologyOptions = { processes: { all: 2 }, tenants: 3, feedsPerTenant: 3 };
