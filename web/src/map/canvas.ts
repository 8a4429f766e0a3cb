// The map that is drawn: MapLibre with the centre's tiles, and a scene on it. Loaded only where it can draw.
import { type GeoJSONSource, LngLatBounds, Map as MapLibre, type MapOptions, ScaleControl, addProtocol, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { PMTiles, Protocol } from "pmtiles";
import type { Feature, FeatureCollection } from "geojson";
import { Glide } from "./glide";
import { FONT, type Palette } from "./palette";
import { picture } from "./picture";
import type { Area, Mark, MarkKind, Scene } from "./scene";
import { AREAS, EDGE, ICON_LAYERS, MARKS, UNITS, styleOf } from "./style";
import type { Point } from "../lib/types";

export type Counts = Record<MarkKind, number>;

export interface Told {
  onPick: (kind: MarkKind, id: string) => void;
  /** A hand or a key moved the map. */
  onHand: () => void;
  /** Everything is drawn: so much is in view. */
  onIdle: (inView: Counts) => void;
  onBusy: () => void;
  /** Nothing can be drawn any more; or again. */
  onLost: (lost: boolean) => void;
  /** Its box has another size. */
  onResize: () => void;
  /** The streets could not be had, in words; empty once they come. */
  onStreets: (trouble: string) => void;
}

/** Units on their way are put forward so often: smooth enough, and cheap with two hundred of them. */
const STEP_MS = 100;
const PADDING = { top: 46, bottom: 34, left: 56, right: 56 };
const CAMERA_MS = 240;

const protocol = new Protocol();
setWorkerUrl(new URL(workerUrl, location.href).href);
addProtocol("pmtiles", protocol.tile);

/** The tiles' own head, read before there is a map. Raises where it cannot be had. */
export async function openTiles(url: string): Promise<string> {
  const address = new URL(url, location.href).href;
  const archive = protocol.get(address) ?? new PMTiles(address);
  await archive.getHeader();
  protocol.add(archive);
  await document.fonts.load(`700 12px ${FONT}`);
  return address;
}

export class MapCanvas {
  readonly #map: MapLibre;
  readonly #still = matchMedia("(prefers-reduced-motion: reduce)");
  readonly #glide = new Glide();
  #palette: Palette;
  /** What it was drawn with. */
  #painted: Palette;
  #styled = false;
  #scene: Scene | null = null;
  #marksDue = false;
  #frame = 0;
  #stepped = 0;
  #held = false;

  constructor(
    container: HTMLElement,
    private readonly tiles: string,
    bounds: number[],
    palette: Palette,
    private readonly told: Told,
    readonly interactive = true,
  ) {
    this.#palette = this.#painted = palette;
    this.#map = new MapLibre(optionsOf(container, styleOf(palette, tiles), bounds, interactive));
    this.#map.keyboard.disableRotation();
    this.#map.touchZoomRotate.disableRotation();
    this.#map.addControl(new ScaleControl({ maxWidth: 110, unit: "metric" }), "bottom-right");
    const canvas = this.#map.getCanvas();
    if (!interactive) canvas.tabIndex = -1;
    this.#listen(canvas);
  }

  show(scene: Scene): void {
    const now = performance.now();
    this.#scene = scene;
    const units = scene.marks.filter((mark) => mark.kind === "unit");
    for (const unit of units) this.#glide.send(unit.id, unit.point, now, this.#still.matches);
    this.#glide.keep(new Set(units.map((unit) => unit.id)));
    this.#marksDue = true;
    this.#stepped = 0;
    this.#ask();
  }

  /** Bring these points into view; false while the map is in somebody's hand. */
  fit(points: Point[], closest = 16.5): boolean {
    if (this.#held || points.length === 0) return !this.#held;
    const bounds = new LngLatBounds();
    for (const point of points) bounds.extend([point.lon, point.lat]);
    const padding = this.interactive ? PADDING : 26;
    this.#map.fitBounds(bounds, { padding, maxZoom: closest, duration: this.#still.matches ? 0 : CAMERA_MS });
    return true;
  }

  zoom(by: number): void {
    this.told.onHand();
    this.#map.zoomTo(this.#map.getZoom() + by, { duration: this.#still.matches ? 0 : CAMERA_MS });
  }

  /** Is it what a key to this region leads to? */
  lead(first: boolean): void {
    const canvas = this.#map.getCanvas();
    if (first) canvas.dataset["first"] = "";
    else delete canvas.dataset["first"];
  }

  /** Another theme: at once, also while streets are loaded and units move. */
  recolour(palette: Palette): void {
    this.#palette = palette;
    if (this.#styled) this.#paint();
  }

  remove(): void {
    cancelAnimationFrame(this.#frame);
    this.#map.remove();
  }

  #paint(): void {
    const palette = this.#palette;
    if (JSON.stringify(palette) === JSON.stringify(this.#painted)) return;
    this.#painted = palette;
    this.#map.setStyle(styleOf(palette, this.tiles), { diff: true });
    for (const name of this.#map.listImages()) {
      const made = picture(name, palette);
      if (made !== null) this.#map.updateImage(name, made.image);
    }
    this.#again();
  }

  #listen(canvas: HTMLCanvasElement): void {
    const map = this.#map;
    map.on("styleimagemissing", ({ id }) => this.#addPicture(id));
    map.on("style.load", () => {
      this.#styled = true;
      this.#paint();
    });
    map.on("load", () => this.#again());
    map.on("idle", () => this.told.onIdle(this.#inView()));
    map.on("dataloading", () => this.told.onBusy());
    map.on("movestart", (event) => {
      this.told.onBusy();
      if (event.originalEvent !== undefined) this.told.onHand();
    });
    map.on("webglcontextlost", () => this.told.onLost(true));
    map.on("webglcontextrestored", () => this.told.onLost(false));
    map.on("resize", () => this.told.onResize());
    map.on("error", ({ error }) => this.told.onStreets(error.message));
    map.on("sourcedata", (event) => {
      if (event.sourceId === "streets" && event.isSourceLoaded) this.told.onStreets("");
    });
    canvas.addEventListener("pointerdown", () => (this.#held = true));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (this.#held = false));
    if (!this.interactive) return;
    map.on("click", ICON_LAYERS, ({ features }) => {
      const picked = features?.[0]?.properties;
      if (picked !== undefined) this.told.onPick(picked["kind"] as MarkKind, String(picked["id"]));
    });
    map.on("mousemove", ICON_LAYERS, () => (canvas.style.cursor = "pointer"));
    map.on("mouseleave", ICON_LAYERS, () => (canvas.style.cursor = ""));
  }

  #addPicture(name: string): void {
    const made = picture(name, this.#palette);
    if (made === null || this.#map.hasImage(name)) return;
    this.#map.addImage(name, made.image, { pixelRatio: 2, ...made.stretch });
  }

  #again(): void {
    this.#marksDue = this.#scene !== null;
    this.#stepped = 0;
    this.#ask();
  }

  #ask(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  /** At most once a frame: what changed goes to the map, and units are put forward on their way. */
  #draw(): void {
    this.#frame = 0;
    if (this.#scene === null || !this.#map.getSource(MARKS)) return;
    const now = performance.now();
    if (this.#marksDue) {
      this.#marksDue = false;
      const others = this.#scene.marks.filter((mark) => mark.kind !== "unit");
      this.#set(MARKS, others.flatMap((mark, order) => markFeatures(mark, -order)));
      this.#set(AREAS, this.#scene.areas.map(areaFeature));
    }
    if (now - this.#stepped >= STEP_MS) {
      this.#stepped = now;
      const units = this.#scene.marks.filter((mark) => mark.kind === "unit");
      this.#set(UNITS, units.map((unit) => pointFeature(unit, this.#glide.where(unit.id, now) ?? unit.point, unit.first ? 1 : 0)));
    }
    if (this.#glide.moving(now) || this.#stepped < now) this.#ask();
  }

  #set(source: string, features: Feature[]): void {
    const data: FeatureCollection = { type: "FeatureCollection", features };
    void this.#map.getSource<GeoJSONSource>(source)?.setData(data);
  }

  #inView(): Counts {
    const counts: Counts = { call: 0, incident: 0, door: 0, unit: 0 };
    const seen = new Set<string>();
    const layers = ICON_LAYERS.filter((layer) => this.#map.getLayer(layer));
    for (const { properties } of this.#map.queryRenderedFeatures({ layers })) {
      const kind = properties["kind"] as MarkKind;
      if (seen.has(`${kind} ${properties["id"]}`)) continue;
      seen.add(`${kind} ${properties["id"]}`);
      counts[kind] += 1;
    }
    return counts;
  }
}

function optionsOf(container: HTMLElement, style: MapOptions["style"] & object, bounds: number[], interactive: boolean): MapOptions {
  const [west = -180, south = -85, east = 180, north = 85] = bounds;
  return {
    container,
    style,
    bounds: [west, south, east, north],
    maxBounds: [west - 0.5, south - 0.5, east + 0.5, north + 0.5],
    interactive,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    maxZoom: 20,
    fadeDuration: 0,
    locale: { "Map.Title": interactive ? "Streets and what is on them" : "Around the fix" },
  };
}

function pointFeature(mark: Mark, at: Point, order: number): Feature {
  const { kind, id, icon, label, box, first } = mark;
  return {
    type: "Feature",
    properties: { kind, id, icon, label, box, first, order },
    geometry: { type: "Point", coordinates: [at.lon, at.lat] },
  };
}

/** A label that stands elsewhere than its icon is a feature of its own. */
function markFeatures(mark: Mark, order: number): Feature[] {
  if (mark.labelAt === undefined) return [pointFeature(mark, mark.point, order)];
  const label = pointFeature(mark, mark.labelAt, order);
  return [pointFeature({ ...mark, label: "" }, mark.point, order), { ...label, properties: { ...label.properties, kind: EDGE } }];
}

function areaFeature({ corners, kind, inHand }: Area): Feature {
  return {
    type: "Feature",
    properties: { kind, inHand },
    geometry: { type: "Polygon", coordinates: [corners.map((corner) => [corner.lon, corner.lat])] },
  };
}
