// What the desk lets be heard: one window of a browser rings, whichever was touched first.
import { sound } from "../lib/sound.svelte";
import type { Desk } from "./desk.svelte";

const RING_EVERY_MS = 2000;
const EMERGENCY_EVERY_MS = 1000;

/** Ring while a call rings, louder while a unit is in trouble. To be called while a component starts. */
export function letRing(desk: Desk): void {
  const ringing = $derived(desk.ringing.length > 0);
  const emergency = $derived(desk.emergencies.length > 0);

  $effect(() => {
    if (!sound.here || (!ringing && !emergency)) return;
    const play = (): void => (emergency ? sound.emergency() : sound.ring());
    play();
    const every = setInterval(play, emergency ? EMERGENCY_EVERY_MS : RING_EVERY_MS);
    return () => clearInterval(every);
  });
}
