import "@fontsource-variable/atkinson-hyperlegible-next";
import "@fontsource-variable/atkinson-hyperlegible-mono";
import "./style/tokens.css";
import "./style/base.css";
import "./style/control.css";
import "./style/desk.css";
import "./style/layout.css";
import "./style/signalling.css";
import "./style/command.css";
import "./style/replay.css";
import "./style/tour.css";
import { mount } from "svelte";
import DeskPage from "./desk/DeskPage.svelte";
import { theme } from "./lib/theme.svelte";

theme.show();
const target = document.getElementById("app");
if (target === null) throw new Error("index.html has no #app");
mount(DeskPage, { target });
