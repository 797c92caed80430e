/** How large a small picture is, as its first bytes say, so that none can unfold to a huge one. */

const PNG = "89504e470d0a1a0a0000000d49484452";
const WEBP = /^52494646.{8}57454250(565038(?:20|4c|58))/;

/** A picture's width and height in pixels; undefined unless it is a PNG, JPEG or WebP. */
export function imageSize(
  bytes: Uint8Array,
): { readonly width: number; readonly height: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = bytes.subarray(0, 16).toHex();
  if (bytes.length < 30) return undefined;
  if (head === PNG) return { width: view.getUint32(16), height: view.getUint32(20) };
  if (head.startsWith("ffd8ff")) return jpegSize(view);
  switch (WEBP.exec(head)?.[1]) {
    case "56503820": // lossy
      return {
        width: view.getUint16(26, true) & 0x3fff,
        height: view.getUint16(28, true) & 0x3fff,
      };
    case "5650384c": { // lossless
      const bits = view.getUint32(21, true);
      return { width: (bits & 0x3fff) + 1, height: (bits >> 14 & 0x3fff) + 1 };
    }
    case "56503858": // extended
      return { width: uint24(view, 24) + 1, height: uint24(view, 27) + 1 };
    default:
      return undefined;
  }
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) | view.getUint8(at + 2) << 16;
}

/** Looks for the segment that starts a frame. */
function jpegSize(view: DataView): { width: number; height: number } | undefined {
  for (let at = 2; at + 9 < view.byteLength;) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) at++;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    } else at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}
