// What every page asks first: which centre this is, and who is here. Asked again while the centre is away.
import { Away } from "./api";
import { centreFacts, presentSession, type Centre, type Session } from "./centre";
import { theme } from "./theme.svelte";
import { useTimeZone } from "./time";

const RETRY_MS = 1000;

export class Opening {
  centre = $state.raw<Centre | null>(null);
  session = $state.raw<Session | null>(null);
  trouble = $state("");

  constructor() {
    void this.ask();
  }

  private async ask(): Promise<void> {
    try {
      const [facts, who] = await Promise.all([centreFacts(), presentSession()]);
      useTimeZone(facts.time_zone);
      theme.useColours(facts.colours);
      [this.centre, this.session, this.trouble] = [facts, who, ""];
    } catch (problem) {
      this.trouble = problem instanceof Error ? problem.message : String(problem);
      if (problem instanceof Away) setTimeout(() => void this.ask(), RETRY_MS);
    }
  }
}
