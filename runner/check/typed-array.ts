/** Plotly's typed arrays: `{"dtype": "f8", "bdata": "…"}` stands for an array of numbers, little-endian, in base64. */
import { isObject } from "./lenient.ts";

export interface TypedArray {
  readonly dtype: string;
  readonly bdata: string;
}

/** Bytes per number, for each type that Plotly supports. */
const sizes: ReadonlyMap<string, number> = new Map([
  ...["i1", "u1", "u1c", "int8", "uint8", "uint8c"].map((dtype) => [dtype, 1] as const),
  ...["i2", "u2", "int16", "uint16"].map((dtype) => [dtype, 2] as const),
  ...["i4", "u4", "f4", "int32", "uint32", "float32"].map((dtype) => [dtype, 4] as const),
  ...["f8", "float64"].map((dtype) => [dtype, 8] as const),
]);

/** The value as a typed array; undefined if it is not one. */
export function typedArray(value: unknown): TypedArray | undefined {
  if (!isObject(value)) return undefined;
  const { dtype, bdata } = value;
  return typeof dtype === "string" && typeof bdata === "string" ? { dtype, bdata } : undefined;
}

/** Whether a typed array that Plotly can read holds a finite number. */
export function holdsFiniteNumber({ dtype, bdata }: TypedArray): boolean {
  const size = sizes.get(dtype);
  if (size === undefined) return false;
  const bytes = Buffer.from(bdata, "base64");
  if (bytes.length === 0 || bytes.length % size !== 0) return false;
  if (!dtype.startsWith("f")) return true;
  for (let offset = 0; offset < bytes.length; offset += size) {
    if (Number.isFinite(size === 8 ? bytes.readDoubleLE(offset) : bytes.readFloatLE(offset))) return true;
  }
  return false;
}
