/**
 * What happens when nobody reads stdout any more, as after `| head`: a command ends in silence, with the code of a shell's SIGPIPE;
 * a running system goes on, since nothing of what it does needs a reader.
 */
export function outliveReader(stdout: NodeJS.WriteStream, serves: boolean): void {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (!serves) process.exit(141);
  });
}
