/** How much a top-level domain says about who may register under it. Written by hand. */
export type TldTier = 'restricted' | 'established' | 'open' | 'abused';

/** Only vetted bodies may register. Second-level forms such as gov.uk are met by their first label. */
const RESTRICTED = 'gov edu mil int aero coop museum post bank insurance pharmacy arpa'.split(' ');

/** Generic domains older than 2012 and country domains without an unusual abuse record. */
const ESTABLISHED = (
  'com net org name pro travel jobs cat asia tel ' +
  'ac ad ae ag ai am ar at au be bg bh bm bo br ca ch ci cl co cr cu cy cz de dk do dz ec ee eg es et eu fi fr gg gi gr gt ' +
  'hk hn hr hu id ie il im in iq ir is it je jo jp ke kr kw kz lb li lk lt lu lv ly ma md me mg mk mm mn mo mt mu mx my mz ' +
  'ng ni nl no np nz om pa pe ph pk pl pr ps pt py qa ro rs ru rw sa sc se sg si sk sm sn sv th tn to tr tt tv tw tz ua ug uk ' +
  'us uy uz ve vn za zm zw fm io app dev'
).split(' ');

/** Domains that abuse reports have named again and again (free or nearly free registration). */
const ABUSED = (
  'tk ml ga cf gq xyz top click icu buzz cyou rest cfd sbs bond monster quest hair beauty makeup skin boats yachts autos ' +
  'homes mom lol pics zip mov work date loan win bid stream download racing review trade accountant science party faith ' +
  'cricket men gdn kim country ren wang surf fit uno xin pw cc su ws vip live support help shop store online site website ' +
  'space fun host press link today life finance cam qpon bar biz cn'
).split(' ');

const TIERS: ReadonlyMap<string, TldTier> = new Map([
  ...RESTRICTED.map((tld): [string, TldTier] => [tld, 'restricted']),
  ...ESTABLISHED.map((tld): [string, TldTier] => [tld, 'established']),
  ...ABUSED.map((tld): [string, TldTier] => [tld, 'abused']),
]);

/** Labels that mark a vetted zone anywhere in a suffix: `gov.uk`, `service.gov.uk`, `edu.au`, `ac.jp`. */
const RESTRICTED_LABELS = /(^|\.)(gov|edu|mil|ac)(\.|$)/;

/** The tier of a public suffix by its last label, or by a label anywhere in it that marks a vetted zone. */
export function tldTier(suffix: string): TldTier {
  if (suffix !== 'ac' && RESTRICTED_LABELS.test(suffix)) return 'restricted';
  return TIERS.get(suffix.slice(suffix.lastIndexOf('.') + 1)) ?? 'open';
}
