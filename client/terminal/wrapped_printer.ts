/**
 * Prints lines on a terminal in rows of its width, so that no text from others begins one. What measures
 * them is loaded only here, since most commands write to no terminal.
 *
 * @param print prints a row
 */
export async function wrappedPrinter(
  print: (row: string) => void,
): Promise<(line: string) => void> {
  const { SCREEN, wrapLine } = await import("./input/mod.ts");
  return (line) => wrapLine(line, SCREEN.columns).forEach(print);
}
