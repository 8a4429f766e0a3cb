// The small pictures on the map: the shapes of StatusCell, ring and cross of a call, numbered doors, label boxes.
import { FONT, type Palette } from "./palette";

const SCALE = 2;
const LETTERS = "ADESCOX";

export interface Picture {
  image: ImageData;
  /** A label's box stretches between these; its words stand inside `content`. In pixels of the image. */
  stretch?: { stretchX: [number, number][]; stretchY: [number, number][]; content: [number, number, number, number] };
}

type Draw = (pen: CanvasRenderingContext2D, palette: Palette) => void;

/** The picture with this name in these colours, or null for a name that means none. */
export function picture(name: string, palette: Palette): Picture | null {
  const [what = "", ...how] = name.split("-");
  if (what === "unit") return drawn(26, 24, (pen) => status(pen, palette, how[0] ?? "O", how[1] === "old"), palette);
  if (what === "door") return drawn(28, 26, (pen) => door(pen, palette, how), palette);
  if (what === "box") return box(how[0] ?? "plain", palette);
  if (what === "incident") return drawn(12, 12, incident, palette);
  if (what === "tower") return drawn(24, 24, tower, palette);
  if (what === "call" || what === "ringing") {
    const colour = what === "call" ? palette.fix : palette.ringing;
    return drawn(24, 24, (pen) => call(pen, palette, colour, how[0] === "unstated"), palette);
  }
  return null;
}

function drawn(width: number, height: number, draw: Draw, palette: Palette): Picture {
  const canvas = document.createElement("canvas");
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  const pen = canvas.getContext("2d");
  if (pen === null) throw new Error("this browser draws no pictures");
  pen.scale(SCALE, SCALE);
  pen.translate(width / 2, height / 2);
  pen.lineJoin = pen.lineCap = "round";
  pen.textAlign = "center";
  pen.textBaseline = "alphabetic";
  draw(pen, palette);
  return { image: pen.getImageData(0, 0, canvas.width, canvas.height) };
}

function polygon(pen: CanvasRenderingContext2D, corners: [number, number][]): void {
  pen.beginPath();
  for (const [x, y] of corners) pen.lineTo(x, y);
  pen.closePath();
}

const SHAPES: Record<string, (pen: CanvasRenderingContext2D) => void> = {
  A: (pen) => (pen.beginPath(), pen.arc(0, 0, 9, 0, 7)),
  D: (pen) => polygon(pen, [[0, -10], [11, 9], [-11, 9]]),
  E: (pen) => polygon(pen, [[-10, -9], [3, -9], [11, 0], [3, 9], [-10, 9]]),
  S: (pen) => (pen.beginPath(), pen.roundRect(-8.5, -8.5, 17, 17, 2)),
  C: (pen) => polygon(pen, [[0, -11], [11, 0], [0, 11], [-11, 0]]),
  O: (pen) => (pen.beginPath(), pen.roundRect(-10, -7, 20, 14, 2)),
  X: (pen) => polygon(pen, [[-4, -10], [4, -10], [10, -4], [10, 4], [4, 10], [-4, 10], [-10, 4], [-10, -4]]),
};
/** Where the letter stands in its shape. */
const LETTER_AT: Record<string, [number, number]> = { D: [0, 7], E: [-1.5, 4] };

/** Full where it was measured lately; hollow where it is only taken to be. */
function status(pen: CanvasRenderingContext2D, palette: Palette, letter: string, hollow: boolean): void {
  const known = LETTERS.includes(letter) ? letter : "O";
  const colour = palette.status[known] ?? palette.ink;
  SHAPES[known]?.(pen);
  pen.lineWidth = hollow ? 5 : 3;
  pen.strokeStyle = palette.edge;
  pen.stroke();
  pen.fillStyle = hollow ? palette.hollow : colour;
  pen.fill();
  if (hollow) {
    pen.lineWidth = 2.2;
    pen.strokeStyle = colour;
    pen.stroke();
  }
  const [x, y] = LETTER_AT[known] ?? [0, 4];
  pen.font = `800 ${known === "D" ? 10 : 11.5}px ${FONT}`;
  pen.fillStyle = hollow ? palette.onHollow : palette.onStatus;
  pen.fillText(known === "X" ? "!" : known, x, y);
}

function call(pen: CanvasRenderingContext2D, palette: Palette, colour: string, unstated: boolean): void {
  pen.beginPath();
  pen.arc(0, 0, 9, 0, 7);
  pen.lineWidth = 5;
  pen.strokeStyle = palette.land;
  pen.stroke();
  if (unstated) pen.setLineDash([3, 4]);
  pen.lineWidth = 2.5;
  pen.strokeStyle = colour;
  pen.stroke();
  pen.beginPath();
  pen.arc(0, 0, 3, 0, 7);
  pen.fillStyle = palette.ink;
  pen.fill();
}

/** Somewhere in the sector: its middle says nothing of where. */
function tower(pen: CanvasRenderingContext2D, palette: Palette): void {
  pen.beginPath();
  pen.arc(0, 0, 9, 0, 7);
  pen.fillStyle = palette.land;
  pen.fill();
  pen.setLineDash([3, 4]);
  pen.lineWidth = 1.8;
  pen.strokeStyle = palette.ink2;
  pen.stroke();
  pen.font = `700 12px ${FONT}`;
  pen.fillStyle = palette.ink;
  pen.fillText("?", 0, 4);
}

function incident(pen: CanvasRenderingContext2D, palette: Palette): void {
  pen.beginPath();
  pen.arc(0, 0, 3.5, 0, 7);
  pen.lineWidth = 3;
  pen.strokeStyle = palette.land;
  pen.stroke();
  pen.fillStyle = palette.ink;
  pen.fill();
}

/** Its rank in a circle: filled where it is the place, struck where it was ruled out, with a dot where calls came before. */
function door(pen: CanvasRenderingContext2D, palette: Palette, [rank = "", state = "open", calls = "new"]: string[]): void {
  pen.beginPath();
  pen.arc(0, 0, 9.5, 0, 7);
  pen.fillStyle = state === "used" ? palette.ink : palette.land;
  pen.fill();
  pen.lineWidth = 1.6;
  pen.strokeStyle = state === "out" ? palette.ink3 : palette.ink;
  pen.stroke();
  pen.font = `700 ${rank.length > 1 ? 10.5 : 12}px ${FONT}`;
  pen.fillStyle = state === "used" ? palette.land : state === "out" ? palette.ink3 : palette.ink;
  pen.fillText(rank, 0, 4);
  if (state === "out") {
    pen.beginPath();
    pen.moveTo(-7, 7);
    pen.lineTo(7, -7);
    pen.stroke();
  }
  if (calls !== "earlier") return;
  pen.beginPath();
  pen.arc(8.5, -7.5, 3.6, 0, 7);
  pen.fillStyle = palette.ink;
  pen.fill();
  pen.strokeStyle = palette.land;
  pen.stroke();
}

function box(kind: string, palette: Palette): Picture {
  const fill = { strong: palette.ink, urgent: palette.urgent }[kind] ?? palette.land;
  const made = drawn(24, 20, (pen) => {
    pen.beginPath();
    pen.roundRect(-11.5, -9.5, 23, 19, 3);
    pen.fillStyle = fill;
    pen.fill();
    pen.lineWidth = 1;
    pen.strokeStyle = kind === "plain" ? palette.boxEdge : fill;
    pen.stroke();
  }, palette);
  return { ...made, stretch: { stretchX: [[10, 38]], stretchY: [[10, 30]], content: [10, 5, 38, 35] } };
}
