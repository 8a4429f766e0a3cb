// What is sent to close an incident: the proposal as the person left it.
import type { ProposalView } from "./types";

/** Disposition "gone or unable to locate": with what was tried, it closes where nobody was seen. */
export const UNABLE_TO_LOCATE = "14";

export interface Closing extends Record<string, unknown> {
  words: string;
  dispositions: string[];
  cause: string;
  tried: string[];
}

/** Who was seen is in the ticked checklist already. With something `tried`, disposition 14 goes along. */
export function closing(proposal: ProposalView, unticked: string[], tried: string[]): Closing {
  const ticked = proposal.dispositions.map(([code]) => code).filter((code) => !unticked.includes(code));
  const unable = tried.length > 0 && !ticked.includes(UNABLE_TO_LOCATE) ? [UNABLE_TO_LOCATE] : [];
  return { words: proposal.words, dispositions: [...ticked, ...unable], cause: proposal.cause, tried };
}

/** One thing a line; empty lines are nothing. */
export const triedLines = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
