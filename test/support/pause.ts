/** Between two looks at what is waited for: a loop without it takes a core from whoever is to bring it about. */
export function pause(milliseconds = 10): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
