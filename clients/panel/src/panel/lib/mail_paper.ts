/**
 * Writes a mail's HTML into an empty document.
 *
 * The page's policy refuses styles that stand in HTML, and a mail has no others. They are set by
 * script instead, which the policy allows because it is ours; nothing of the mail's can run.
 */

/** What has no place in a mail, or fetches something. */
const REFUSED = "script, style, iframe, frame, object, embed, form, input, button, link, base, meta, svg, math, audio, video";

/** A whole tag, whatever stands in its attributes' quotes. */
const TAG = /<[a-z](?:"[^"]*"|'[^']*'|[^'">])*>/gi;
const STYLE_ATTRIBUTE = /\sstyle(?=\s*=)/i;
const SHEET = /<style\b[^>]*>([\s\S]*?)<\/style\s*>/gi;
/** Where a style waits, so that nobody applies it while the mail is read. */
const KEPT = "data-style";

/** Replaces all that is in the document by the mail. */
export function mailInto(inside: Document, html: string): void {
  const sheets: string[] = [];
  const bare = html
    .replace(SHEET, (_, text: string) => {
      sheets.push(text);
      return "";
    })
    .replace(TAG, (tag) => tag.replace(STYLE_ATTRIBUTE, ` ${KEPT}`));
  const mail = new DOMParser().parseFromString(bare, "text/html");
  for (const element of mail.querySelectorAll(REFUSED)) element.remove();
  for (const element of [mail.body, ...mail.body.querySelectorAll("*")]) clean(element);
  const body = inside.adoptNode(mail.body);
  inside.documentElement.lang = mail.documentElement.lang;
  if (inside.body === null) inside.documentElement.append(body);
  else inside.body.replaceWith(body);
  for (const element of [body, ...body.querySelectorAll<HTMLElement>(`[${KEPT}]`)]) {
    element.style.cssText = element.getAttribute(KEPT) ?? "";
    element.removeAttribute(KEPT);
  }
  inside.adoptedStyleSheets = sheets.flatMap((text) => sheetOf(inside, text));
}

/** Attributes that run, fetch or lead somewhere. A link still looks like one. */
function clean(element: Element): void {
  for (const { name, value } of [...element.attributes]) {
    const leads = name === "src" || name === "background" || name === "srcset" || name === "action";
    if (name.startsWith("on") || (leads && !value.startsWith("data:image/"))) {
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

/** Links of a mail, each once, in order: in the paper itself they lead nowhere. */
export function linksOf(html: string): readonly { href: string; label: string }[] {
  const bare = html.replace(SHEET, "").replace(TAG, (tag) => tag.replace(STYLE_ATTRIBUTE, ` ${KEPT}`));
  const mail = new DOMParser().parseFromString(bare, "text/html");
  const found = new Map<string, string>();
  for (const link of mail.querySelectorAll("a[href]")) {
    const href = link.getAttribute("href") ?? "";
    if (/^https?:/.test(href) && !found.has(href)) found.set(href, (link.textContent ?? "").trim());
  }
  return [...found].map(([href, label]) => ({ href, label: label || href }));
}
