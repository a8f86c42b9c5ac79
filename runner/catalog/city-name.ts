/** `Baltimore` of `Baltimore-Columbia-Towson, MD`: a city's name up to the first `-` or `,`. */
export function shortName(name: string): string {
  return name.split(/[-,]/, 1)[0]?.trim() || name;
}
