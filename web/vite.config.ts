import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

const page = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

// `npm run dev` shows the pages against a centre that runs on this machine.
const centre = process.env["TENFOUR_CENTRE"] ?? "http://127.0.0.1:8911";

/** Beside each file that shrinks, the same squeezed: the centre sends that, and squeezes nothing while calls come in. */
const squeezed = (): Plugin => ({
  name: "squeezed",
  apply: "build",
  writeBundle({ dir }): void {
    const folder = join(dir ?? "dist", "assets");
    for (const name of readdirSync(folder).filter((one) => /\.(css|js|mjs|svg)$/.test(one))) {
      writeFileSync(join(folder, `${name}.gz`), gzipSync(readFileSync(join(folder, name)), { level: 9 }));
    }
  },
});

export default defineConfig({
  plugins: [svelte(), squeezed()],
  server: { proxy: { "/api": { target: centre, ws: true } } },
  build: {
    target: "es2022",
    // Fonts stay files: the pages are served with `default-src 'self'`, which refuses data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: { desk: page("index.html"), field: page("field.html"), card: page("cheat-card.html") } },
  },
});
