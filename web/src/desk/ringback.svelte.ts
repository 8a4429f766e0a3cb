// What the call taker hears of a call of ours until it is taken: ringing there, busy, refused.
import { isCallTone } from "../lib/calltone";
import type { Desk } from "./desk.svelte";
import type { CallView } from "../lib/types";

/** To be called while a component starts. Without a headset nothing sounds. */
export function letRingThere(desk: Desk): void {
  const worn = $derived(desk.headset?.state === "connected");
  const inHand = $derived(new Set(desk.live.calls.filter((call) => isMine(desk, call)).map((call) => call.call_id)));
  const ours = $derived(
    desk.live.calls.filter((call) => call.outgoing !== null && (isMine(desk, call) || inHand.has(call.outgoing.in_call ?? ""))),
  );
  /** Calls that were being placed when last looked: what was refused before is no news. */
  let going: ReadonlySet<string> = new Set();

  $effect(() => {
    const ended = ours.filter((call) => call.ended_at !== null && going.has(call.call_id));
    going = new Set(ours.filter(isGoing).map((call) => call.call_id));
    const tone = ours.find(isGoing)?.outgoing?.tone || ended.at(-1)?.outgoing?.tone || "";
    if (!worn) return;
    if (isCallTone(tone)) desk.headset?.tones.play(tone);
    else desk.headset?.tones.stopRinging();
  });
}

/** I have it, or am in it. */
const isMine = (desk: Desk, call: CallView): boolean => call.position === desk.session.position || desk.memberOf(call) !== null;
const isGoing = (call: CallView): boolean => call.ended_at === null && call.connected_at === null;
