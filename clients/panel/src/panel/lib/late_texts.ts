/** Parts of the panel that bring their own texts: fetched together, and only with the part. */

/** The part, once its texts are among the page's. */
export async function withTexts<Content>(
  part: Promise<Content>,
  texts: Promise<{ fetchTexts: () => Promise<void> }>,
): Promise<Content> {
  const [content] = await Promise.all([part, texts.then(({ fetchTexts }) => fetchTexts())]);
  return content;
}
