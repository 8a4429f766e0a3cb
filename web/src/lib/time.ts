// Times in words, in the centre's own time zone.

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options });
  formats.set(key, known);
  return known;
}

let zone = "UTC";

/** The centre's time zone (IANA), told once when the page starts. */
export function useTimeZone(name: string): void {
  zone = name;
}

/** `16:42:18` */
export const timeOfDay = (at: string | number): string =>
  format(zone, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(new Date(at));

/** `16:42` */
export const hourMinute = (at: string | number): string => timeOfDay(at).slice(0, 5);

/** `Sat 14 Nov` */
export const dayOf = (at: number): string =>
  format(zone, { weekday: "short", day: "numeric", month: "short" }).format(new Date(at)).replace(",", "");

/** `0:41`, `12:05`, `1:02:09` of milliseconds. */
export function running(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const seconds = String(s).padStart(2, "0");
  return h > 0 ? `${h}:${String(m).padStart(2, "0")}:${seconds}` : `${m}:${seconds}`;
}

/** `4:10` of seconds, rounded: how long something takes. */
export const takes = (seconds: number): string => running(Math.round(seconds) * 1000);

/** `4 min 10 s` of seconds. */
export function spell(seconds: number): string {
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

/** `2.1 mi` or `800 ft` of metres: the demo county's measures. */
export function distance(metres: number): string {
  return metres >= 300 ? `${(metres / 1609.344).toFixed(1)} mi` : `${Math.round(metres * 3.28084)} ft`;
}

/** The moment (ISO 8601, UTC) when it is `day` and `hour` (`2026-11-21`, `12:00`) in the centre's zone. */
export function fromZone(day: string, hour: string): string {
  const wanted = Date.parse(`${day}T${hour}:00Z`);
  const shownAt = (at: number): number => {
    const options = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
    const [d, m, y] = format(zone, options).format(new Date(at)).split("/");
    return Date.parse(`${y}-${m}-${d}T${timeOfDay(at)}Z`);
  };
  const first = wanted - (shownAt(wanted) - wanted);
  return new Date(first - (shownAt(first) - wanted)).toISOString();
}
