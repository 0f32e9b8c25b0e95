import { describe, expect, it } from "vitest";
import { all as panelEn } from "../src/texts/en_panel.ts";
import { all as panelEs } from "../src/texts/es_panel.ts";
import { cockpit as cockpitEn } from "../src/panel/cockpit/texts/en.ts";
import { cockpit as cockpitEs } from "../src/panel/cockpit/texts/es.ts";
import { messages as messagesEn } from "../src/panel/messages/texts/en.ts";
import { messages as messagesEs } from "../src/panel/messages/texts/es.ts";
import { report as reportEn } from "../src/panel/report/texts/en.ts";
import { report as reportEs } from "../src/panel/report/texts/es.ts";
import { operations as operationsEn } from "../src/panel/operations/texts/en.ts";
import { operations as operationsEs } from "../src/panel/operations/texts/es.ts";
import { trial as trialEn } from "../src/panel/trial/texts/en.ts";
import { trial as trialEs } from "../src/panel/trial/texts/es.ts";
import { core as coreEn } from "@setroom/shared/ui/texts/en.ts";
import { desk as deskEn } from "@setroom/shared/ui/texts/en_desk.ts";
import { past as pastEn } from "@setroom/shared/ui/texts/en_past.ts";
import { parts as partsEn } from "@setroom/shared/ui/texts/en_parts.ts";
import { refusals as refusalsEn } from "@setroom/shared/ui/texts/en_refusals.ts";
import { core as coreEs } from "@setroom/shared/ui/texts/es.ts";
import { desk as deskEs } from "@setroom/shared/ui/texts/es_desk.ts";
import { past as pastEs } from "@setroom/shared/ui/texts/es_past.ts";
import { parts as partsEs } from "@setroom/shared/ui/texts/es_parts.ts";
import { refusals as refusalsEs } from "@setroom/shared/ui/texts/es_refusals.ts";

type Catalogue = Readonly<Record<string, string>>;

/** All catalogues of a page lie in one table, where the last one wins. */
function contested(catalogues: readonly Catalogue[]): readonly string[] {
  const told = new Map<string, string>();
  return catalogues.flatMap((catalogue) =>
    Object.entries(catalogue).flatMap(([key, text]) => {
      const before = told.get(key) ?? text;
      told.set(key, text);
      return before === text ? [] : [`${key}: “${before}” or “${text}”`];
    }),
  );
}

describe("the panel's catalogues", () => {
  it.each([
    ["English", [coreEn, deskEn, pastEn, partsEn, refusalsEn, panelEn, cockpitEn, messagesEn, reportEn, operationsEn, trialEn]],
    ["Spanish", [coreEs, deskEs, pastEs, partsEs, refusalsEs, panelEs, cockpitEs, messagesEs, reportEs, operationsEs, trialEs]],
  ])("say one thing by each key in %s", (_, catalogues) => {
    expect(contested(catalogues)).toEqual([]);
  });
});
