// What the centre says about itself, and who one is there.
import { ask, command, Refusal } from "./api";
import type { ListedView } from "./types";

export interface Person {
  id: string;
  name: string;
  roles: string[];
  unit?: string;
}

export interface RosterUnit {
  unit_id: string;
  service: string;
  crew: string[];
}

/** Where the map's tiles are; `words` say why there are none. `bounds`: west, south, east, north. */
export interface MapCard {
  url: string;
  words: string;
  credit: string;
  bounds: number[];
}

/** A status: the fill of its cell, and its word in each theme. */
export interface StatusColour {
  fill: string;
  dark: string;
  light: string;
}

export interface Centre {
  centre_id: string;
  name: string;
  mode: string;
  time_zone: string;
  people: Person[];
  positions: string[];
  units: RosterUnit[];
  kinds: Record<string, string>;
  dispositions: Record<string, string>;
  causes: Record<string, string>;
  heard: Record<string, string>;
  not_ready_reasons: string[];
  /** What is said to callers in text by one key; the first nine have one. */
  phrases: string[];
  places_calls: boolean;
  transfers: string[];
  /** Who can be called into a call by name or key. */
  third_parties: ListedView[];
  checklist: { item: string; label: string }[];
  map: MapCard;
  /** By the letter of the status. */
  colours: Record<string, StatusColour>;
}

export interface Session {
  role: string;
  person: string;
  name: string;
  position: string | null;
  unit: string | null;
  permissions: string[];
}

export interface SignIn {
  role: string;
  person: string;
  position: string | null;
  unit: string | null;
}

/** An address the type-ahead found. */
export interface Address {
  address_id: string;
  label: string;
}

export const centreFacts = (): Promise<Centre> => ask<Centre>("/api/centre");

/** Who this browser is signed in as, or null. */
export async function presentSession(): Promise<Session | null> {
  try {
    return await ask<Session>("/api/session");
  } catch (problem) {
    if (problem instanceof Refusal && problem.status === 401) return null;
    throw problem;
  }
}

export const signIn = (as: SignIn): Promise<Session> => command<Session>("/api/session", as);

export const signOut = (): Promise<unknown> => ask("/api/session", { method: "DELETE" });
