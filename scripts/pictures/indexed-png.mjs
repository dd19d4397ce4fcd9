/**
 * Makes a PNG of 256 colours at most of one with millions: a page has few colours, and the file is a third as large. Nothing
 * is dithered; each colour becomes the nearest of those that cover most.
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOURS = 256;
/** A line's filter: each byte as it is, less the one to the left, above, their mean, or whichever Paeth foretells. */
const [NONE, SUB, UP, AVERAGE, PAETH] = [0, 1, 2, 3, 4];

/**
 * @param {Buffer} png 8 bits a channel, RGB or RGBA without transparency, as Chromium makes them
 * @returns {Buffer}
 */
export function indexedPng(png) {
  const { width, height, pixels } = decode(png);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const palette = [...counts]
    .sort((a, b) => b[1] - a[1])
    .slice(0, COLOURS)
    .map(([pixel]) => pixel);
  const indexOf = new Map([...counts.keys()].map((pixel) => [pixel, nearest(pixel, palette)]));
  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    lines[y * (width + 1)] = NONE;
    for (let x = 0; x < width; x += 1) lines[y * (width + 1) + 1 + x] = indexOf.get(pixels[y * width + x]);
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap((pixel) => [pixel >> 16, (pixel >> 8) & 255, pixel & 255]));
  const data = deflateSync(lines, { level: 9, memLevel: 9 });
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', head),
    chunk('PLTE', colours),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function nearest(pixel, palette) {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, colour] of palette.entries()) {
    const red = (pixel >> 16) - (colour >> 16);
    const green = ((pixel >> 8) & 255) - ((colour >> 8) & 255);
    const blue = (pixel & 255) - (colour & 255);
    const distance = 3 * red * red + 6 * green * green + blue * blue;
    if (distance < least) {
      least = distance;
      best = index;
    }
  }
  return best;
}

function decode(png) {
  if (!png.subarray(0, 8).equals(SIGNATURE)) throw new Error('This is no PNG.');
  const data = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const [depth, kind, , , isInterlaced] = png.subarray(24, 29);
  if (depth !== 8 || (kind !== 2 && kind !== 6) || isInterlaced !== 0) throw new Error('This PNG is of another kind.');
  const step = kind === 2 ? 3 : 4;
  const bytes = unfiltered(inflateSync(Buffer.concat(data)), width * step, height, step);
  const pixels = new Uint32Array(width * height);
  for (const index of pixels.keys()) {
    const at = index * step;
    pixels[index] = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
  }
  return { width, height, pixels };
}

function unfiltered(raw, width, height, step) {
  const bytes = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (width + 1)];
    for (let x = 0; x < width; x += 1) {
      const at = y * width + x;
      const left = x < step ? 0 : bytes[at - step];
      const above = y === 0 ? 0 : bytes[at - width];
      const corner = x < step || y === 0 ? 0 : bytes[at - width - step];
      bytes[at] = raw[y * (width + 1) + 1 + x] + foretold(filter, left, above, corner);
    }
  }
  return bytes;
}

function foretold(filter, left, above, corner) {
  switch (filter) {
    case NONE:
      return 0;
    case SUB:
      return left;
    case UP:
      return above;
    case AVERAGE:
      return (left + above) >> 1;
    case PAETH: {
      const sum = left + above - corner;
      const [a, b, c] = [Math.abs(sum - left), Math.abs(sum - above), Math.abs(sum - corner)];
      return a <= b && a <= c ? left : b <= c ? above : corner;
    }
    default:
      throw new Error(`A PNG has no filter ${filter}.`);
  }
}

function chunk(name, data) {
  const whole = Buffer.alloc(data.length + 12);
  whole.writeUInt32BE(data.length, 0);
  whole.write(name, 4, 'latin1');
  data.copy(whole, 8);
  whole.writeUInt32BE(crc32(whole.subarray(4, data.length + 8)), data.length + 8);
  return whole;
}
