// Stories whose callers ring this centre's desks: asked for when they are shown, and again while one is played.
import { ask, command } from "./api";

export interface StoryCard {
  name: string;
  title: string;
  about: string;
  number: string;
}

export interface StoryPlayed {
  name: string;
  title: string;
  began_at: string;
  running: boolean;
  words: string;
}

interface StoriesView {
  stories: StoryCard[];
  played: StoryPlayed | null;
}

const ASK_AGAIN_MS = 1000;
const MODES = ["demo", "training"];

export class Stories {
  cards = $state.raw<StoryCard[]>([]);
  played = $state.raw<StoryPlayed | null>(null);
  refused = $state("");
  readonly here: boolean;
  #again = 0;

  constructor(mode: string) {
    this.here = MODES.includes(mode);
  }

  look = (): Promise<void> => this.#take(ask<StoriesView>("/api/demo"));
  play = (name: string): Promise<void> => this.#take(command<StoriesView>(`/api/demo/stories/${name}`));
  stop = (): Promise<void> => this.#take(command<StoriesView>("/api/demo/stop"));

  leave(): void {
    clearTimeout(this.#again);
  }

  async #take(answer: Promise<StoriesView>): Promise<void> {
    clearTimeout(this.#again);
    try {
      const view = await answer;
      [this.cards, this.played, this.refused] = [view.stories, view.played, ""];
    } catch (problem) {
      this.refused = problem instanceof Error ? problem.message : String(problem);
    }
    if (this.played?.running) this.#again = setTimeout(() => void this.look(), ASK_AGAIN_MS);
  }
}
