// The regions of the desk: their names here, their numbers for Alt, their titles.

export const REGIONS = {
  calls: { number: "1", title: "Calls" },
  call: { number: "2", title: "Call in hand" },
  incident: { number: "3", title: "Incident" },
  plan: { number: "", title: "Ladder and recommendation" },
  narrative: { number: "", title: "Narrative and close" },
  map: { number: "6", title: "Map" },
  where: { number: "7", title: "Where" },
  incidents: { number: "4", title: "Incidents" },
  units: { number: "5", title: "Units" },
} as const;

export type RegionName = keyof typeof REGIONS;

export const isRegion = (name: string): name is RegionName => Object.hasOwn(REGIONS, name);

export const REGION_NAMES = Object.keys(REGIONS).filter(isRegion);

/** Without an incident there is nothing in these. */
export const OF_THE_INCIDENT: ReadonlySet<RegionName> = new Set<RegionName>(["plan", "narrative"]);
