import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeHTML, decodeHTMLAttribute } from 'entities/decode';
import { countHost, type HostCounts, siteOf } from './address.ts';
import { type Asked, askedBy } from './forms.ts';

/** What is parsed without a break; the event loop of the firewall waits that long, a few milliseconds at worst. */
const PIECE_BYTES = 8_192;
/** Visible text that is kept before it is told; raw, with the spaces of the source. */
const TEXT_KEPT_CHARS = 16_384;
const TITLE_KEPT_CHARS = 1_024;
const ATTRIBUTE_MAX_CHARS = 4_096;
/** Forms that are kept, and targets of each; more are counted. */
const FORMS_KEPT = 6;
const TARGETS_KEPT = 3;

/** Elements whose text nobody sees, or sees only when something else fails. */
const UNSEEN: ReadonlySet<string> = new Set(
  'script style noscript template iframe noembed noframes object title datalist'.split(' '),
);
/** Elements that end without an end tag where the next one begins: taken for hidden, they would hide what a browser shows. */
const ENDS_BY_ITSELF: ReadonlySet<string> = new Set(
  'html head body p li dt dd option optgroup tr td th thead tbody tfoot colgroup rt rp'.split(' '),
);
/** Elements within a line of text; others stand apart from the text around them. */
const INLINE: ReadonlySet<string> = new Set(
  'abbr b bdi bdo big cite code dfn em font i kbd mark q s samp small span strong sub sup tt u var wbr'.split(
    ' ',
  ),
);
/** What leads elsewhere, whatever the element. */
const LEADS = ['src', 'href', 'data'] as const;
const INVISIBLE_STYLE =
  /display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0\s*(?:;|$|!)|font-size\s*:\s*0(?![.\d])/i;

/** One form of a page. */
export interface PageForm {
  readonly method: 'GET' | 'POST';
  /** Where it sends to, and where its buttons do; null for what is no address. */
  readonly targets: (URL | null)[];
  /** What its fields ask for. */
  readonly asked: Set<Asked>;
}

type Element = HTMLRewriterTypes.Element;

/** Reads an HTML page without running anything of it. Never rejects: what a parser gives up on is told up to there. */
export async function readPage(html: string, url: URL): Promise<Page> {
  const page = new Page(url);
  const rewriter = new HTMLRewriter()
    .on('*', { element: (element) => page.element(element) })
    .onDocument({ text: ({ text }) => page.take(text) });
  try {
    await rewriter.transform(new Response(inPieces(html))).arrayBuffer();
  } catch {
    // Markup that could be read in two ways ends the parser; a page is not to be believed more for that.
  }
  return page;
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

/** What a page shows and where it leads, as far as it was parsed. Text is as it was written, bounded, not cleaned. */
export class Page {
  description = '';
  /** Where a meta element sends the browser on to; null when to nowhere else. */
  refresh: { readonly seconds: string; readonly url: URL } | null = null;
  /** The first forms, and how many there are. */
  readonly forms: PageForm[] = [];
  formCount = 0;
  /** What all fields ask for, those outside of forms too. */
  readonly asked = new Set<Asked>();
  /** Hosts outside the site that it links to or takes something from: a page that looks like another often takes its pictures there. */
  readonly others: HostCounts = new Map();
  readonly #url: URL;
  readonly #site: string;
  #base: URL;
  #form: PageForm | null = null;
  #title: string | null = null;
  #inTitle = false;
  /** How many elements around the present text are not shown. */
  #unseen = 0;
  #text = '';

  constructor(url: URL) {
    this.#url = url;
    this.#site = siteOf(url.hostname);
    this.#base = url;
  }

  get title(): string {
    return decodeHTML(this.#title ?? '');
  }

  /** The text that a person sees. */
  get text(): string {
    return decodeHTML(this.#text);
  }

  /** Text comes next, maybe not all of it. */
  take(text: string): void {
    if (this.#inTitle) this.#title = `${this.#title}${text}`.slice(0, TITLE_KEPT_CHARS);
    else if (this.#unseen === 0 && this.#text.length < TEXT_KEPT_CHARS)
      this.#text += text.slice(0, TEXT_KEPT_CHARS);
  }

  /** An element begins. All that it means is done here: of several handlers for its end tag only the last one would be called. */
  element(element: Element): void {
    const tag = element.tagName;
    const isApart = !INLINE.has(tag);
    if (isApart) this.take(' ');
    this.#read(element, tag);
    if (!element.canHaveContent) return;
    const isTitle = tag === 'title' && this.#title === null;
    const isUnseen = UNSEEN.has(tag) || (!ENDS_BY_ITSELF.has(tag) && isInvisible(element));
    if (!isApart && !isUnseen) return;
    if (isTitle) this.#title = '';
    this.#inTitle ||= isTitle;
    if (isUnseen) this.#unseen++;
    element.onEndTag(() => {
      if (isTitle) this.#inTitle = false;
      if (isUnseen) this.#unseen--;
      if (isApart) this.take(' ');
      if (tag === 'form') this.#form = null;
    });
  }

  #read(element: Element, tag: string): void {
    for (const attribute of tag === 'base' ? [] : LEADS)
      countHost(this.others, this.#resolve(element, attribute), this.#site);
    switch (tag) {
      case 'base':
        this.#base = this.#resolve(element, 'href') ?? this.#base;
        break;
      case 'meta':
        this.#meta(element);
        break;
      case 'form':
        this.#begin(element);
        break;
      case 'input':
      case 'textarea': {
        const asked = askedBy(tag, (name) => attributeOf(element, name));
        if (asked === null) break;
        this.asked.add(asked);
        this.#form?.asked.add(asked);
        break;
      }
      default:
    }
    // A button sends its form elsewhere.
    const targets = this.#form?.targets ?? [];
    if (element.hasAttribute('formaction') && targets.length < TARGETS_KEPT)
      targets.push(this.#resolve(element, 'formaction'));
  }

  /** A form begins; one that is not closed ends where the next begins. */
  #begin(element: Element): void {
    const method = /^post$/i.test(attributeOf(element, 'method')) ? 'POST' : 'GET';
    const target = element.hasAttribute('action') ? this.#resolve(element, 'action') : this.#url;
    this.#form = { method, targets: [target], asked: new Set() };
    if (++this.formCount <= FORMS_KEPT) this.forms.push(this.#form);
  }

  #meta(element: Element): void {
    const content = attributeOf(element, 'content');
    if (/^description$/i.test(attributeOf(element, 'name'))) this.description ||= content;
    if (!/^refresh$/i.test(attributeOf(element, 'http-equiv'))) return;
    const [, seconds = '', to] =
      /^\s*([\d.]{1,8})\s*[;,]\s*(?:url\s*=\s*)?["']?([^"']+)/i.exec(content) ?? [];
    const url = to === undefined ? null : URL.parse(to.trim(), this.#base.href);
    if (url !== null) this.refresh ??= { seconds, url };
  }

  /** Null for an attribute that is not there, too. */
  #resolve(element: Element, attribute: string): URL | null {
    if (!element.hasAttribute(attribute)) return null;
    return URL.parse(attributeOf(element, attribute).trim(), this.#base.href);
  }
}

/** Empty for an attribute that is not there. */
function attributeOf(element: Element, name: string): string {
  return decodeHTMLAttribute((element.getAttribute(name) ?? '').slice(0, ATTRIBUTE_MAX_CHARS));
}

function isInvisible(element: Element): boolean {
  return element.hasAttribute('hidden') || INVISIBLE_STYLE.test(attributeOf(element, 'style'));
}
