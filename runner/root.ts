import { resolve } from "node:path";

/** The checkout or image that replot runs from. */
export const root = resolve(import.meta.dirname, "..");
