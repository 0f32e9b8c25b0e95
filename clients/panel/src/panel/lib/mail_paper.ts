/**
 * Writes a mail's HTML into an empty document.
 *
 * The page's policy refuses styles that stand in HTML, and a mail has no others. They are set by
 * script instead, which the policy allows because it is ours; nothing of the mail's can run.
 */

/** What has no place in a mail, or fetches something. */
const REFUSED = "script, iframe, frame, object, embed, form, input, button, link, base, meta, svg, math, audio, video";

/** Replaces all that is in the document by the mail. */
export function mailInto(inside: Document, html: string): void {
  const mail = new DOMParser().parseFromString(html, "text/html");
  for (const element of mail.querySelectorAll(REFUSED)) element.remove();
  const sheets = [...mail.querySelectorAll("style")].map((style) => {
    style.remove();
    return style.textContent;
  });
  const styles = new Map<Element, string>();
  for (const element of [mail.body, ...mail.body.querySelectorAll("*")]) {
    const style = element.getAttribute("style");
    clean(element);
    if (style !== null) styles.set(element, style);
  }
  const body = inside.adoptNode(mail.body);
  inside.documentElement.lang = mail.documentElement.lang;
  if (inside.body === null) inside.documentElement.append(body);
  else inside.body.replaceWith(body);
  for (const [element, style] of styles) {
    if ("style" in element) (element as HTMLElement).style.cssText = style;
  }
  inside.adoptedStyleSheets = sheets.flatMap((text) => sheetOf(inside, text));
}

/** Attributes that run, fetch or lead somewhere. A link still looks like one. */
function clean(element: Element): void {
  for (const { name, value } of [...element.attributes]) {
    const leads = name === "src" || name === "background" || name === "srcset" || name === "action";
    if (name === "style" || name.startsWith("on") || (leads && !value.startsWith("data:image/"))) {
      element.removeAttribute(name);
    }
  }
  if (element.matches("a[href]")) {
    element.setAttribute("title", element.getAttribute("href") ?? "");
    element.setAttribute("href", "#");
    element.setAttribute("tabindex", "-1");
  }
}

/** A mail's own sheet, made in the frame that it is for. */
function sheetOf(inside: Document, text: string): CSSStyleSheet[] {
  const view = inside.defaultView as (Window & { CSSStyleSheet: typeof CSSStyleSheet }) | null;
  if (view === null) return [];
  const sheet = new view.CSSStyleSheet();
  sheet.replaceSync(text);
  return [sheet];
}
