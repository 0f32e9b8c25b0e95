import { describe, expect, it } from "vitest";
import { blameOf, countSegments, plainly } from "../src/panel/messages/segments.ts";

describe("texts that a message is", () => {
  it.each([
    ["", "gsm-7", 0],
    ["a", "gsm-7", 1],
    ["a".repeat(160), "gsm-7", 1],
    ["a".repeat(161), "gsm-7", 2],
    ["a".repeat(306), "gsm-7", 2],
    ["a".repeat(307), "gsm-7", 3],
    // Two places each.
    ["€".repeat(80), "gsm-7", 1],
    ["€".repeat(81), "gsm-7", 2],
    // One that has no room in the first part begins the second: 152 and 1 are left unused there.
    ["a".repeat(152) + "€" + "a".repeat(151), "gsm-7", 2],
    ["a".repeat(152) + "€" + "a".repeat(152), "gsm-7", 3],
    ["ñÑüéàèìòùÇ¿¡", "gsm-7", 1],
    ["ó", "ucs-2", 1],
    ["ж".repeat(70), "ucs-2", 1],
    ["ж".repeat(71), "ucs-2", 2],
    ["ж".repeat(134), "ucs-2", 2],
    ["ж".repeat(135), "ucs-2", 3],
    // A pair of surrogates is never torn in two.
    ["😀".repeat(35), "ucs-2", 1],
    ["😀".repeat(66), "ucs-2", 2],
    ["😀".repeat(67), "ucs-2", 3],
  ] as const)("%#: are counted", (text, encoding, segments) => {
    expect(countSegments(text)).toMatchObject({ encoding, segments });
  });

  it("are as many as their places say", () => {
    expect(countSegments("a".repeat(161))).toMatchObject({ taken: 161, places: 306 });
    expect(countSegments("hi {x}")).toMatchObject({ taken: 8, places: 160 });
  });
});

describe("what makes a message longer", () => {
  it("is named, each character once, in order", () => {
    expect(countSegments("“Ripple” – “Loser”").foreign).toEqual(["“", "”", "–"]);
  });

  it("is nobody's fault in the short alphabet", () => {
    expect(blameOf("See you at the front!")).toBeNull();
  });

  it("is said with what it would be without it", () => {
    expect(blameOf(`${"a".repeat(120)}Ж`)).toEqual({ foreign: ["Ж"], short_segments: 1 });
  });

  it("goes where plain signs say the same, as the server writes it", () => {
    expect(plainly("“¡Mañana, canción!” – où? … 🎉")).toBe('"¡Mañana, cancion!" - où? ... ');
    expect(plainly("Œuvre œ")).toBe("OEuvre oe");
  });

  it("stays where another script would be left", () => {
    expect(plainly("Кино – 😀")).toBe("Кино – 😀");
    expect(plainly("🎉")).toBe("🎉");
  });
});
