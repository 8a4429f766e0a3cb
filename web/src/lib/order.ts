// Lists hold still under the hand.

/**
 * Rows in the wanted order, or, while `held` names an order, in that one: known rows stay where they are and new ones
 * come at the end.
 */
export function heldOrder<T>(wanted: T[], idOf: (row: T) => string, held: string[] | null): T[] {
  if (held === null) return wanted;
  const rank = new Map(held.map((id, place) => [id, place]));
  const place = (row: T): number => rank.get(idOf(row)) ?? held.length;
  return wanted.toSorted((a, b) => place(a) - place(b));
}
