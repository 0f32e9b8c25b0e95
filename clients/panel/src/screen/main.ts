import "@setroom/shared/ui/fonts.css";
import "@setroom/shared/ui/tokens.css";
import "@setroom/shared/ui/base.css";
import "../displays/displays.css";
import "./screen.css";
import { startDisplay } from "../displays/start.ts";
import App from "./App.svelte";

void startDisplay(App);
