import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

const page = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

// `npm run dev` shows the pages against a centre that runs on this machine.
const centre = process.env["TENFOUR_CENTRE"] ?? "http://127.0.0.1:8911";

export default defineConfig({
  plugins: [svelte()],
  server: { proxy: { "/api": { target: centre, ws: true } } },
  build: {
    target: "es2022",
    // Fonts stay files: the pages are served with `default-src 'self'`, which refuses data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: { desk: page("index.html"), field: page("field.html"), card: page("cheat-card.html") } },
  },
});
