// The colours of the map, as the stylesheet has them for the present theme.

export const FONT = '"Atkinson Hyperlegible Next Variable"';

export interface Palette {
  land: string;
  green: string;
  water: string;
  building: string;
  buildingEdge: string;
  rail: string;
  roads: Record<"path" | "minor" | "middle" | "main" | "motorway", string>;
  casing: string;
  streetName: string;
  ink: string;
  ink2: string;
  ink3: string;
  boxEdge: string;
  urgent: string;
  onUrgent: string;
  edge: string;
  fix: string;
  ringing: string;
  towerEdge: string;
  status: Record<string, string>;
  onStatus: string;
  hollow: string;
  onHollow: string;
}

export function presentPalette(): Palette {
  const sheet = getComputedStyle(document.documentElement);
  const colour = (name: string): string => sheet.getPropertyValue(`--${name}`).trim();
  return {
    land: colour("map-land"),
    green: colour("map-green"),
    water: colour("map-water"),
    building: colour("map-building"),
    buildingEdge: colour("map-building-edge"),
    rail: colour("map-rail"),
    roads: {
      path: colour("map-path"),
      minor: colour("map-minor"),
      middle: colour("map-middle"),
      main: colour("map-main"),
      motorway: colour("map-motorway"),
    },
    casing: colour("map-casing"),
    streetName: colour("map-name"),
    ink: colour("ink-1"),
    ink2: colour("ink-2"),
    ink3: colour("ink-3"),
    boxEdge: colour("line-2"),
    urgent: colour("map-urgent"),
    onUrgent: colour("map-on-urgent"),
    edge: colour("map-edge"),
    fix: colour("map-fix"),
    ringing: colour("tx-d"),
    towerEdge: colour("line-3"),
    status: Object.fromEntries([..."ADESCOX"].map((letter) => [letter, colour(`st-${letter.toLowerCase()}`)])),
    onStatus: colour("on-st"),
    hollow: colour("bg-2"),
    onHollow: colour("ink-1"),
  };
}
