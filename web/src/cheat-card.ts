import "@fontsource-variable/atkinson-hyperlegible-next";
import "@fontsource-variable/atkinson-hyperlegible-mono";
import "./style/tokens.css";
import "./style/base.css";
import "./style/sheet.css";
import { mount } from "svelte";
import CheatCard from "./sheet/CheatCard.svelte";

const target = document.getElementById("app");
if (target === null) throw new Error("cheat-card.html has no #app");
mount(CheatCard, { target });
