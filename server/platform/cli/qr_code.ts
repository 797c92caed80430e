/** QR codes of short texts, such as links. The encoder is loaded only when one is drawn. */

/** White modules around a code, without which no camera finds it. */
const BORDER = 2;

/** The modules of a QR code, row by row, with its border: true is dark. */
async function qrModules(text: string): Promise<boolean[][]> {
  const { encode } = await import("uqr");
  return encode(text, { ecc: "M", border: BORDER }).data;
}

/** The same for a page: rows of `1` for dark and `0` for light modules. */
export async function qrRows(text: string): Promise<string[]> {
  const rows = await qrModules(text);
  return rows.map((row) => row.map(Number).join(""));
}

/**
 * A QR code as lines for a terminal: two rows of modules a line. The light modules are drawn, as most
 * terminals are dark; cameras read the code on a light one, too.
 */
export async function qrLines(text: string): Promise<string[]> {
  const rows = await qrModules(text);
  const lines: string[] = [];
  for (let at = 0; at < rows.length; at += 2) {
    const [upper = [], lower] = rows.slice(at, at + 2);
    lines.push(
      upper.map((isDark, index) => {
        const isBelowDark = lower?.[index] ?? true;
        return isDark ? (isBelowDark ? " " : "▄") : isBelowDark ? "▀" : "█";
      }).join("").trimEnd(),
    );
  }
  return lines;
}
