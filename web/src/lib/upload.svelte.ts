// A file on its way to becoming an exhibit: sent in pieces (tus 1.0), taken up again where the centre says it stands.
import { ask, Away, Refusal } from "./api";
import type { UploadView } from "./types";

const PIECE = 4 * 1024 * 1024;
const AGAIN_AFTER_MS = [500, 1000, 2000, 4000, 8000, 8000, 8000, 8000];

export interface ExhibitWords {
  kind: string;
  title: string;
  owner: string;
  consent: string;
  scope: string;
  child: boolean;
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export class Upload {
  sent = $state(0);
  total = $state(0);
  busy = $state(false);
  trouble = $state("");

  /** Send it all; true when it is an exhibit. A refusal is told in `trouble`; no answer is tried again. */
  async send(incidentId: string, file: File, words: ExhibitWords): Promise<boolean> {
    [this.sent, this.total, this.busy, this.trouble] = [0, file.size, true, ""];
    try {
      const body = JSON.stringify({ ...words, file_name: file.name, length: file.size });
      const headers = { "Content-Type": "application/json" };
      const begun = await ask<UploadView>(`/api/incidents/${incidentId}/exhibits`, { method: "POST", headers, body });
      await this.#sendFrom(begun.location, file);
      return true;
    } catch (problem) {
      this.trouble = problem instanceof Error ? problem.message : String(problem);
      return false;
    } finally {
      this.busy = false;
    }
  }

  async #sendFrom(location: string, file: File): Promise<void> {
    let tries = 0;
    while (this.sent < file.size) {
      try {
        await this.#piece(location, file);
        [tries, this.trouble] = [0, ""];
      } catch (problem) {
        const wait = AGAIN_AFTER_MS[tries++];
        if (!(problem instanceof Away) || wait === undefined) throw problem;
        this.trouble = `${problem.message}; going on where it stopped.`;
        await pause(wait);
        this.sent = await this.#stands(location).catch(() => this.sent);
      }
    }
  }

  async #piece(location: string, file: File): Promise<void> {
    const body = file.slice(this.sent, this.sent + PIECE);
    const headers = {
      "Tus-Resumable": "1.0.0",
      "Upload-Offset": String(this.sent),
      "Content-Type": "application/offset+octet-stream",
    };
    await ask(location, { method: "PATCH", headers, body });
    this.sent += body.size;
  }

  /** How much of it the centre has. */
  async #stands(location: string): Promise<number> {
    const answer = await fetch(location, { method: "HEAD", credentials: "same-origin" });
    if (!answer.ok) throw new Refusal(answer.status, "The upload is not known any more");
    return Number(answer.headers.get("Upload-Offset"));
  }
}
