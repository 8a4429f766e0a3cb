import "@fontsource-variable/atkinson-hyperlegible-next";
import "@fontsource-variable/atkinson-hyperlegible-mono";
import "./style/tokens.css";
import "./style/base.css";
import "./style/control.css";
import "./style/field.css";
import { mount } from "svelte";
import FieldPage from "./field/FieldPage.svelte";
import { speakAs } from "./lib/api";
import { theme } from "./lib/theme.svelte";

theme.show();
speakAs("unit");
const target = document.getElementById("app");
if (target === null) throw new Error("field.html has no #app");
mount(FieldPage, { target });
