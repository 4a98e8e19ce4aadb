import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeHTML, decodeHTMLAttribute } from 'entities/decode';
import { PageForms } from './forms.ts';
import { OtherHosts, siteOf } from './site.ts';

/** What is parsed without a break; the event loop of the firewall waits that long, a few milliseconds at worst. */
const PIECE_BYTES = 8_192;
/** Visible text that is kept before it is told; raw, with the spaces of the source. */
const TEXT_KEPT_CHARS = 16_384;
const TITLE_KEPT_CHARS = 1_024;
const LANG_KEPT_CHARS = 40;
const URL_MAX_CHARS = 4_096;

/** Elements whose text nobody sees, or sees only when something else fails. */
const UNSEEN: ReadonlySet<string> = new Set(
  'script style noscript template iframe noembed noframes object title datalist'.split(' '),
);
/** Elements that end without an end tag where the next one begins: taken for hidden, they would hide what a browser shows. */
const ENDS_BY_ITSELF: ReadonlySet<string> = new Set(
  'html head body p li dt dd option optgroup tr td th thead tbody tfoot colgroup rt rp'.split(' '),
);
/** Elements that stand apart from the text around them. */
const APART: ReadonlySet<string> = new Set(
  (
    'p div br hr li dt dd tr td th h1 h2 h3 h4 h5 h6 section article header footer main nav aside form label button input ' +
    'option select textarea blockquote pre figcaption caption summary legend address a img'
  ).split(' '),
);
const INVISIBLE_STYLE =
  /display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0\s*(?:;|$|!)|font-size\s*:\s*0(?![.\d])/i;

/** Elements that lead elsewhere: the attribute that says where to, and what kind of host that is. */
const LEADS: ReadonlyMap<string, readonly [attribute: string, kind: 'embeds' | 'looks' | 'links']> = new Map([
  ['script', ['src', 'embeds']],
  ['iframe', ['src', 'embeds']],
  ['frame', ['src', 'embeds']],
  ['embed', ['src', 'embeds']],
  ['object', ['data', 'embeds']],
  ['img', ['src', 'looks']],
  ['link', ['href', 'looks']],
  ['a', ['href', 'links']],
  ['area', ['href', 'links']],
]);
/** What a link element must be to show: others tell the browser where to look things up. */
const LOOKS = /icon|stylesheet/i;

/** What a page shows and where it leads. Text is as it was written, bounded, not cleaned. */
export interface PageFacts {
  readonly title: string;
  readonly lang: string;
  readonly description: string;
  /** Where a meta element sends the browser on to; null when to nowhere else. */
  readonly refresh: { readonly seconds: string; readonly url: URL } | null;
  readonly forms: PageForms;
  /** Hosts outside the domain that scripts and frames come from. */
  readonly embeds: OtherHosts;
  /** Those that pictures, icons and styles come from: a page that looks like another often takes them from there. */
  readonly looks: OtherHosts;
  /** Those that links lead to. */
  readonly links: OtherHosts;
  /** Script elements, those with their code inside too. */
  readonly scripts: number;
  readonly text: string;
}

type Element = HTMLRewriterTypes.Element;

/** Reads an HTML page without running anything of it. Never rejects: what a parser gives up on is told up to there. */
export async function readPage(html: string, url: URL): Promise<PageFacts> {
  const reader = new PageReader(url);
  const rewriter = new HTMLRewriter();
  reader.listen(rewriter);
  try {
    await rewriter.transform(new Response(inPieces(html))).arrayBuffer();
  } catch {
    // Markup that could be read in two ways ends the parser; a page is not to be believed more for that.
  }
  return reader.facts();
}

/** The page as bytes, with a turn of the event loop before each piece. */
function inPieces(html: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(html);
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      await nextTurn();
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at + PIECE_BYTES));
      at += PIECE_BYTES;
    },
  });
}

class PageReader {
  readonly #url: URL;
  #base: URL;
  readonly #forms = new PageForms();
  readonly #hosts: Pick<PageFacts, 'embeds' | 'looks' | 'links'>;
  #refresh: PageFacts['refresh'] = null;
  #title: string | null = null;
  #inTitle = false;
  #lang = '';
  #description = '';
  #scripts = 0;
  /** How many elements around the present text are not shown. */
  #unseen = 0;
  #text = '';

  constructor(url: URL) {
    this.#url = url;
    this.#base = url;
    const own = siteOf(url.hostname);
    this.#hosts = { embeds: new OtherHosts(own), looks: new OtherHosts(own), links: new OtherHosts(own) };
  }

  listen(rewriter: HTMLRewriter): void {
    rewriter.on('*', { element: (element) => this.#element(element) });
    rewriter.onDocument({ text: ({ text }) => this.#take(text) });
  }

  facts(): PageFacts {
    return {
      title: decodeHTML(this.#title ?? ''),
      lang: this.#lang,
      description: this.#description,
      refresh: this.#refresh,
      forms: this.#forms,
      ...this.#hosts,
      scripts: this.#scripts,
      text: decodeHTML(this.#text),
    };
  }

  /** All that an element means is done here: of several handlers for its end tag only the last one would be called. */
  #element(element: Element): void {
    const tag = element.tagName;
    const isApart = APART.has(tag);
    if (isApart) this.#take(' ');
    this.#read(element, tag);
    if (!element.canHaveContent) return;
    const isTitle = tag === 'title' && this.#title === null;
    const isUnseen = UNSEEN.has(tag) || (!ENDS_BY_ITSELF.has(tag) && isInvisible(element));
    if (!isApart && !isTitle && !isUnseen) return;
    if (isTitle) this.#title = '';
    this.#inTitle ||= isTitle;
    if (isUnseen) this.#unseen++;
    element.onEndTag(() => {
      if (isTitle) this.#inTitle = false;
      if (isUnseen) this.#unseen--;
      if (isApart) this.#take(' ');
      if (tag === 'form') this.#forms.end();
    });
  }

  #read(element: Element, tag: string): void {
    this.#lead(element, tag);
    switch (tag) {
      case 'html':
        this.#lang ||= (element.getAttribute('lang') ?? '').slice(0, LANG_KEPT_CHARS);
        break;
      case 'base':
        this.#base = this.#resolve(element, 'href') ?? this.#base;
        break;
      case 'meta':
        this.#meta(element);
        break;
      case 'script':
        this.#scripts++;
        break;
      case 'form':
        this.#forms.begin(
          element.getAttribute('method') ?? '',
          element.hasAttribute('action') ? this.#resolve(element, 'action') : this.#url,
        );
        break;
      case 'input':
      case 'select':
      case 'textarea':
      case 'button':
        this.#field(element, tag);
        break;
      default:
    }
  }

  #lead(element: Element, tag: string): void {
    const lead = LEADS.get(tag);
    if (lead === undefined || (tag === 'link' && !LOOKS.test(element.getAttribute('rel') ?? ''))) return;
    this.#hosts[lead[1]].add(this.#resolve(element, lead[0]));
  }

  #take(text: string): void {
    if (this.#inTitle) this.#title = `${this.#title}${text}`.slice(0, TITLE_KEPT_CHARS);
    else if (this.#unseen === 0 && this.#text.length < TEXT_KEPT_CHARS)
      this.#text += text.slice(0, TEXT_KEPT_CHARS);
  }

  #meta(element: Element): void {
    const content = decodeHTMLAttribute((element.getAttribute('content') ?? '').slice(0, URL_MAX_CHARS));
    if (/^description$/i.test(element.getAttribute('name') ?? '')) this.#description ||= content;
    if (!/^refresh$/i.test(element.getAttribute('http-equiv') ?? '')) return;
    const parts = /^\s*([\d.]{1,8})\s*[;,]\s*(?:url\s*=\s*)?["']?([^"']+)/i.exec(content);
    const url = parts === null ? null : URL.parse(parts[2]?.trim() ?? '', this.#base.href);
    if (url !== null) this.#refresh ??= { seconds: parts?.[1] ?? '', url };
  }

  #field(element: Element, tag: string): void {
    if (element.hasAttribute('formaction')) this.#forms.alsoTo(this.#resolve(element, 'formaction'));
    const attribute = (name: string): string | null => {
      const value = element.getAttribute(name);
      return value === null ? null : decodeHTMLAttribute(value.slice(0, URL_MAX_CHARS));
    };
    this.#forms.field({ tag, attribute });
  }

  /** Null for an attribute that is not there, too. */
  #resolve(element: Element, attribute: string): URL | null {
    const value = element.getAttribute(attribute);
    return value === null
      ? null
      : URL.parse(decodeHTMLAttribute(value.slice(0, URL_MAX_CHARS)).trim(), this.#base.href);
  }
}

function isInvisible(element: Element): boolean {
  if (element.hasAttribute('hidden')) return true;
  const style = element.getAttribute('style');
  return style !== null && INVISIBLE_STYLE.test(style.slice(0, URL_MAX_CHARS));
}
