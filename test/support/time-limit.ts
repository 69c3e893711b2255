/**
 * Loaded before every test file: one that does not end is ended, and says what it left open. The runner's own limit does not end
 * the process of a file on every version of Node, and one client that a failed test left open would keep a run from ever ending.
 */

const minutes = 10;

setTimeout(() => {
  const open = process.getActiveResourcesInfo().filter((name) => name !== 'Timeout');
  console.error(`${process.argv[1]} has not ended after ${minutes} minutes; open: ${open.join(', ') || 'nothing'}`);
  process.exit(1);
}, minutes * 60_000).unref();
