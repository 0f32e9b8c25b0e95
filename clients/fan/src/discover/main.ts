import "@setroom/shared/ui/fonts.css";
import "@setroom/shared/ui/tokens.css";
import "@setroom/shared/ui/brand.css";
import "../styles/discover.css";
import { nearForm } from "./near.ts";
import { searchField } from "./search.ts";

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-combobox]")) {
  if (form.dataset["combobox"] === "places") nearForm(form);
  else searchField(form);
}
