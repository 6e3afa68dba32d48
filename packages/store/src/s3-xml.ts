/** The texts of all elements of a name, in their order. S3's answers nest no element in its own. */
export function xmlTexts(xml: string, name: string): readonly string[] {
  const element = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g');
  return [...xml.matchAll(element)].map(([, content]) => unescapeXml(content!));
}

/** The text of the first element of a name. */
export function xmlText(xml: string, name: string): string | undefined {
  return xmlTexts(xml, name)[0];
}

const entities: Readonly<Record<string, string>> = {
  ...{ '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&#34;': '"', '&#39;': "'" },
};

/** Elements inside stay as they are: only text is unescaped, the ampersand last. */
function unescapeXml(content: string): string {
  if (content.includes('<')) return content;
  return content
    .replace(/&(?:lt|gt|quot|apos|#34|#39);/g, (name) => entities[name]!)
    .replaceAll('&amp;', '&');
}
