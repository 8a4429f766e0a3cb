// Where the regions are: columns of rows of cells. Every change gives a new arrangement; none loses a region.
import { isRegion, REGION_NAMES, type RegionName } from "./region";

/** `share`: in parts of the shares beside it; null: as much as it holds. */
export interface Cell {
  region: RegionName;
  share: number | null;
}

export interface Row {
  cells: Cell[];
  share: number | null;
}

export interface Column {
  rows: Row[];
  share: number | null;
}

export interface Arrangement {
  columns: Column[];
  hidden: RegionName[];
}

export type Size = "wide" | "middle" | "narrow";
export type Way = "left" | "right" | "up" | "down" | "beside";

const MOST_COLUMNS = 6;
const MOST_BESIDE = 3;

const row = (share: number | null, ...regions: RegionName[]): Row => ({
  share,
  cells: regions.map((region) => ({ region, share: null })),
});

const beside = (share: number, ...cells: [RegionName, number][]): Row => ({
  share,
  cells: cells.map(([region, width]) => ({ region, share: width })),
});

const DECIDE: Row[] = [row(null, "incident"), row(null, "plan"), row(1, "narrative")];

/** The desk as it comes, for each class of width. */
export const DEFAULTS: Record<Size, Arrangement> = {
  wide: {
    columns: [
      { share: 21, rows: [row(null, "calls"), row(1, "call")] },
      { share: 26.5, rows: DECIDE },
      { share: 52.5, rows: [beside(11, ["map", 62], ["where", 38]), beside(9, ["incidents", 46], ["units", 54])] },
    ],
    hidden: [],
  },
  middle: {
    columns: [
      { share: 27.5, rows: [row(null, "calls"), row(70, "call"), row(30, "where")] },
      { share: 32.5, rows: DECIDE },
      { share: 40, rows: [row(34, "map"), row(19, "incidents"), row(47, "units")] },
    ],
    hidden: [],
  },
  narrow: {
    columns: [
      { share: 1, rows: [row(null, "calls"), row(null, "call"), row(null, "where"), row(null, "units")] },
      { share: 1, rows: [row(null, "incident"), row(null, "plan"), row(null, "narrative"), row(null, "map"), row(null, "incidents")] },
    ],
    hidden: [],
  },
};

const copy = (of: Arrangement): Arrangement => structuredClone(of);

const placed = (of: Arrangement): RegionName[] =>
  of.columns.flatMap((column) => column.rows.flatMap((one) => one.cells.map((cell) => cell.region)));

/** What was kept, as far as this desk knows it: unknown regions go, new ones come at the end. */
export function mended(kept: Arrangement): Arrangement {
  const seen = new Set<string>();
  const once = (name: string): boolean => isRegion(name) && !seen.has(name) && seen.add(name) !== undefined;
  const columns = copy(kept).columns.map((column) => ({
    ...column,
    rows: column.rows.map((one) => ({ ...one, cells: one.cells.filter((cell) => once(cell.region)) })),
  }));
  const hidden = kept.hidden.filter(once);
  const result = { columns, hidden };
  for (const name of REGION_NAMES) if (!seen.has(name)) put(result, name);
  return pruned(result);
}

/** Move a region one place; as it was where there is no such place. */
export function moved(of: Arrangement, region: RegionName, way: Way): Arrangement {
  const result = copy(of);
  const at = find(result, region);
  if (at === null) return of;
  if (way === "left" || way === "right") aside(result, at, way === "left" ? -1 : 1);
  else if (way === "beside") joined(result, at);
  else upDown(result, at, way === "up" ? -1 : 1);
  return pruned(result);
}

/** Show a region, where it is by default as far as that place exists, or hide it. */
export function shown(of: Arrangement, region: RegionName, wanted: boolean): Arrangement {
  const result = copy(of);
  const at = find(result, region);
  if (wanted && at === null) {
    result.hidden = result.hidden.filter((one) => one !== region);
    put(result, region);
  } else if (!wanted && at !== null) {
    taken(result, at);
    result.hidden.push(region);
  }
  return pruned(result);
}

interface Place {
  column: number;
  row: number;
  cell: number;
}

function find(of: Arrangement, region: RegionName): Place | null {
  for (const [column, { rows }] of of.columns.entries())
    for (const [at, { cells }] of rows.entries()) {
      const cell = cells.findIndex((one) => one.region === region);
      if (cell >= 0) return { column, row: at, cell };
    }
  return null;
}

const columnOf = (of: Arrangement, at: Place): Column => of.columns[at.column] as Column;
const rowOf = (of: Arrangement, at: Place): Row => columnOf(of, at).rows[at.row] as Row;

function taken(of: Arrangement, at: Place): Cell {
  return { ...(rowOf(of, at).cells.splice(at.cell, 1)[0] as Cell), share: null };
}

/** Within its row, else to the column beside, else to a new one at the edge. */
function aside(of: Arrangement, at: Place, step: -1 | 1): void {
  const { cells, share } = rowOf(of, at);
  const neighbour = cells[at.cell + step];
  if (neighbour !== undefined) {
    [cells[at.cell], cells[at.cell + step]] = [neighbour, cells[at.cell] as Cell];
    return;
  }
  const target = of.columns[at.column + step];
  if (target !== undefined) target.rows.splice(at.row, 0, { cells: [taken(of, at)], share });
  else if (placedIn(columnOf(of, at)) > 1 && of.columns.length < MOST_COLUMNS) {
    const fresh = { rows: [{ cells: [taken(of, at)], share: 1 }], share: columnOf(of, at).share };
    of.columns.splice(step < 0 ? 0 : of.columns.length, 0, fresh);
  }
}

const placedIn = (column: Column): number => column.rows.reduce((sum, one) => sum + one.cells.length, 0);

/** Out of a shared row, else past the row above or below. */
function upDown(of: Arrangement, at: Place, step: -1 | 1): void {
  const { rows } = columnOf(of, at);
  const own = rowOf(of, at);
  if (own.cells.length > 1) rows.splice(step < 0 ? at.row : at.row + 1, 0, { cells: [taken(of, at)], share: own.share });
  else if (rows[at.row + step] !== undefined) rows.splice(at.row + step, 0, ...rows.splice(at.row, 1));
}

function joined(of: Arrangement, at: Place): void {
  const above = columnOf(of, at).rows[at.row - 1];
  if (above !== undefined && above.cells.length < MOST_BESIDE) above.cells.push(taken(of, at));
}

function put(of: Arrangement, region: RegionName): void {
  const home = find(DEFAULTS.wide, region)?.column ?? 0;
  const fresh: Row = { cells: [{ region, share: null }], share: 1 };
  const column = of.columns[Math.min(home, of.columns.length - 1)];
  if (column === undefined) of.columns.push({ rows: [fresh], share: 1 });
  else column.rows.push(fresh);
}

function pruned(of: Arrangement): Arrangement {
  const columns = of.columns.map((column) => ({ ...column, rows: column.rows.filter((one) => one.cells.length > 0) }));
  const result = { columns: columns.filter((column) => column.rows.length > 0), hidden: of.hidden };
  return placed(result).length > 0 ? result : copy(DEFAULTS.wide);
}
