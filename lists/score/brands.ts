/** A name that phishing imitates, with the domains its owner runs. */
export interface Brand {
  /** Lower-case letters and digits, as it stands in a label. */
  readonly name: string;
  /** Registrable domains of the owner, beside `name` under an ordinary public suffix. */
  readonly domains: readonly string[];
}

const MICROSOFT =
  'microsoft.com office.com office365.com live.com outlook.com hotmail.com windows.com windows.net azure.com azureedge.net ' +
  'sharepoint.com sharepointonline.com onmicrosoft.com microsoftonline.com msn.com bing.com skype.com xbox.com xboxlive.com ' +
  'azure.net office.net live.net azurefd.net azurewebsites.net azure-api.net azure-devices.net azure-dns.com azure-dns.net ' +
  'azurerms.com microsoftonline-p.com microsoftapp.net outlook.cloud.microsoft azurecr.io azmk8s.io ' +
  'azure-devices-provisioning.net azure-automation.net azuredatabricks.net microsoftpersonalcontent.com officeapps.live.com';
const GOOGLE =
  'google.com googlevideo.com googleapis.com googleusercontent.com googlesyndication.com googletagmanager.com gstatic.com ' +
  'googleadservices.com google-analytics.com googletagservices.com googlezip.net youtube.com youtube-nocookie.com ' +
  'youtubeeducation.com gmail.com googlemail.com withgoogle.com googlecode.com googlesource.com googleblog.com android.com ' +
  'ytimg.com gvt1.com gvt2.com ggpht.com googleapis.cn googleoptimize.com googlecommerce.com googlehosted.com google.dev';
const AMAZON =
  'amazon.com amazonaws.com amazonaws.com.cn amazon-adsystem.com ssl-images-amazon.com media-amazon.com images-amazon.com ' +
  'amazonvideo.com primevideo.com amazonalexa.com amazontrust.com amazoncognito.com amazonpay.com amazon.dev amazon.jobs ' +
  'amazongames.com amazonmusic.com amazonsilk.com amazonbrowserapp.com cloudfront.net amzn.to amzn.com';
const APPLE =
  'apple.com icloud.com icloud-content.com apple-dns.net cdn-apple.com apple-cloudkit.com itunes.com me.com mzstatic.com ' +
  'apple.news applemusic.com apple-mapkit.com apple-livephotoskit.com apple.co';
const META =
  'facebook.com facebook.net fbcdn.net fb.com meta.com instagram.com cdninstagram.com whatsapp.com whatsapp.net ' +
  'messenger.com facebookmail.com wa.me instagram-brand.com facebook-hardware.com';

/** Brands that share an owner share their domains. */
const OWNED: readonly (readonly [names: string, domains: string])[] = [
  [
    'microsoft office365 outlook onedrive sharepoint msonline azure hotmail windows skype xbox office',
    MICROSOFT,
  ],
  ['google gmail youtube', GOOGLE],
  ['amazon amzn prime', AMAZON],
  ['apple icloud itunes findmy iphone', APPLE],
  ['facebook instagram whatsapp messenger meta', META],
  [
    'paypal venmo',
    'paypal.com paypalobjects.com paypal.me paypal-community.com venmo.com xoom.com paypal-prepaid.com',
  ],
  ['netflix', 'netflix.com nflxvideo.net nflxso.net nflxext.com netflix.net'],
  ['linkedin', 'linkedin.com licdn.com linkedin.cn lnkd.in linkedin-ei.com'],
  ['twitter', 'twitter.com twimg.com x.com t.co'],
  ['dropbox', 'dropbox.com dropboxusercontent.com dropboxapi.com dropboxstatic.com dropbox-dns.com'],
  [
    'adobe',
    'adobe.com adobe.io adobe.net adobedtm.com adobedc.net adobelogin.com adobess.com adobeaemcloud.com adobecc.com adobesign.com adobetarget.com adobeconnect.com adobesc.com',
  ],
  ['docusign', 'docusign.com docusign.net docusign.co.uk'],
  ['spotify', 'spotify.com spotifycdn.com spotify.net spotifycdn.net'],
  ['telegram', 'telegram.org telegram.me t.me telegram-cdn.org'],
  [
    'discord',
    'discord.com discordapp.com discordapp.net discord.gg discord.media discord.dev discordstatus.com',
  ],
  [
    'tiktok',
    'tiktok.com tiktokcdn.com tiktokcdn-us.com tiktokcdn-eu.com tiktokv.com tiktokv.us tiktokv.eu tiktokw.us tiktokw.eu tiktokd.org tiktokd.net tiktokpangle.us tiktokpangle-b.us tiktokrow-cdn.com tiktokcdn-in.com tiktokglobalshopv.com tiktokshop.com',
  ],
  [
    'steam steamcommunity',
    'steampowered.com steamcommunity.com steamstatic.com steamcontent.com steamserver.net steamusercontent.com steamgames.com steam-chat.com steamdeck.com steam.tv',
  ],
  ['roblox', 'roblox.com rbxcdn.com robloxlabs.com'],
  ['epicgames', 'epicgames.com epicgames.dev'],
  [
    'aliexpress alibaba',
    'aliexpress.com alibaba.com alibabadns.com alibabacloud.com aliexpress.ru aliexpress.us aliexpress-media.com alibaba-inc.com alibabagroup.com alibabachengdun.com alibabacorp.com',
  ],
  [
    'ebay',
    'ebay.com ebaystatic.com ebayimg.com ebayinc.com ebaydesc.com ebayrtm.com ebay-kleinanzeigen.de ebaycdn.net ebayadservices.com',
  ],
  ['booking', 'booking.com bstatic.com bookingholdings.com'],
  ['airbnb', 'airbnb.com muscache.com'],
  ['wordpress', 'wordpress.com wordpress.org wp.com wordpress.tv'],
  [
    'samsung',
    'samsung.com samsungcloud.com samsungcloudsolution.com samsungcloudsolution.net samsungapps.com samsungdm.com samsungosp.com samsungelectronics.com samsungqbe.com samsungcloudcdn.com samsungads.com samsungrm.net samsunghealth.com samsungknox.com samsungtvplus.com samsungcard.com',
  ],
  [
    'yahoo aol',
    'yahoo.com yahoo.net aol.com yahooapis.com yahoodns.net yahooinc.com yahoo.co.jp yahooapis.jp yahoomail.com aolcdn.com',
  ],
  ['verizon', 'verizon.com verizon.net verizonwireless.com verizonmedia.com verizonbusiness.com'],
  ['comcast xfinity', 'comcast.com comcast.net xfinity.com xcal.tv xfinitywifi.com comcastspotlight.com'],
  ['orange', 'orange.com orange.fr orange.es orange.pl orangebusiness.com'],
  ['vodafone', 'vodafone.com vodafoneziggo.nl'],
  ['telekom', 'telekom.de telekom.com t-online.de telekom.net telekomcloud.com'],
  ['tmobile', 't-mobile.com'],
  ['coinbase', 'coinbase.com cbhq.net'],
  ['binance', 'binance.com binance.us bnbstatic.com binance.org binance.info'],
  ['metamask', 'metamask.io'],
  ['trezor', 'trezor.io'],
  ['ledger', 'ledger.com ledger.fr ledgerwallet.com'],
  ['dhl', 'dhl.com dhl.de dhlparcel.nl dhlecommerce.com dhl-usa.com'],
  ['fedex', 'fedex.com'],
  ['usps', 'usps.com usps.gov uspis.gov'],
  ['ups', 'ups.com upsers.com'],
  ['chase', 'chase.com chasecdn.com jpmorganchase.com jpmorgan.com chasepaymentech.com'],
  ['wellsfargo', 'wellsfargo.com wellsfargoadvisors.com wellsfargomedia.com wf.com'],
  ['bankofamerica', 'bankofamerica.com bac.com ml.com'],
  ['citibank citi', 'citibank.com citi.com citigroup.com citibankonline.com citidirect.com citicards.com'],
  ['americanexpress amex', 'americanexpress.com aexp-static.com aexp.com amex.com americanexpress.io'],
  ['capitalone', 'capitalone.com capitaloneshopping.com capitalone360.com'],
  [
    'mercadolibre mercadopago mercadolivre',
    'mercadolibre.com mercadopago.com mlstatic.com mercadolivre.com.br mercadolibre.com.ar mercadolibre.com.mx mercadoshops.com mercadolibre.com.co mercadopago.com.br mercadopago.com.ar',
  ],
  [
    'rakuten',
    'rakuten.co.jp rakuten.com rakuten-card.co.jp rakuten.ne.jp rakuten-static.com rakuten-sec.co.jp rakuten-bank.co.jp rakuten.tv rakutenmarketing.com rakutenadvertising.com',
  ],
  ['shopee', 'shopee.com shopeemobile.com susercontent.com shopee.systems'],
  ['lazada', 'lazada.com lazcdn.com slatic.net lazada.sg'],
  ['zoom', 'zoom.us zoom.com zoomgov.com zoom.com.cn'],
  ['webex', 'webex.com wbx2.com webexapis.com'],
  ['godaddy', 'godaddy.com godaddysites.com secureserver.net wsimg.com'],
  [
    'shopify',
    'shopify.com myshopify.com shopifycdn.com shopifysvc.com shopifycloud.com shopifypreview.com shopifyapps.com shopify.dev shopifycdn.net',
  ],
  ['wix', 'wix.com wixsite.com wixstatic.com wixapps.net wixmp.com wixstudio.com wixpress.com wix-code.com'],
  ['squarespace', 'squarespace.com squarespace-cdn.com sqspcdn.com'],
  [
    'disneyplus disney',
    'disneyplus.com disney.com disney-plus.net disneystreaming.com go.com disney.io disneyinternational.com disneyplus.disney.co.jp',
  ],
  ['nike', 'nike.com nikecloud.com'],
  ['adidas', 'adidas.com adidas-group.com'],
  ['visa', 'visa.com cybersource.com visa.co.uk'],
  ['mastercard', 'mastercard.com mastercard.us masterpass.com mastercardconnect.com'],
  ['ing', 'ing.com ing.nl ing.de ing.es ing.be'],
  ['opensea', 'opensea.io openseauserdata.com seadn.io'],
  ['walletconnect', 'walletconnect.com walletconnect.org reown.com'],
  ['uniswap', 'uniswap.org'],
  ['ethereum', 'ethereum.org'],
  ['solana', 'solana.com solana.org'],
  ['blockchain', 'blockchain.com blockchain.info'],
  ['crypto', 'crypto.com crypto.org cryptocompare.com'],
  ['allegro', 'allegro.pl allegroimg.com allegrostatic.com allegro.tech'],
];

/** Names with one domain or none worth stating; `name` under an ordinary suffix counts as the owner's. */
const PLAIN = (
  'royalmail correos laposte colissimo chronopost mondialrelay ameli impots antai vignette crit evri dpd hermes auspost ' +
  'hsbc barclays lloyds natwest santander bbva caixabank rabobank abnamro postbank sparkasse volksbank commerzbank ' +
  'creditagricole bnpparibas societegenerale banquepostale boursorama boursobank caissedepargne fortuneo revolut unicredit ' +
  'intesa postepay posteitaliane bradesco itau nubank caixa interbank kraken trustwallet pancakeswap phantom bitget okx ' +
  'bybit kucoin polkadot arbitrum zksync lido aave olx vinted leboncoin wallapop smbc mufg aeon bouygues swisscom swisspost ' +
  'bpost postnl inpost mbank irs hmrc govuk dvla hulu sfexpress ezpass sunpass fastrak etoll decathlon carrefour lidl aldi ' +
  'zalando shein temu bet365 usbank discover zelle cashapp westernunion moneygram cpanel roundcube zimbra owa webmail ' +
  'exodus robinhood gemini huobi upbit bithumb coinone mexc gateio bitfinex bitstamp electrum atomicwallet safepal tronlink ' +
  'keplr rabby debank zapper zerion sushiswap raydium jupiter curvefi compound makerdao eigenlayer starknet optimism ' +
  'avalanche cardano ripple stellar tether dana bri bca mandiri bni gojek grab telkomsel desjardins interac scotiabank ' +
  'tdbank bmo cibc rbc rogers telus att spectrum dbs ocbc uob maybank cimb garena freefire pubg mobilelegends playstation ' +
  'nintendo sbisec nomura monex saison jcb eposcard vpass rakutencard paypay mercari yamato sagawa japanpost jreast ekinet ' +
  'etcmeisai correios serasa detran poste aruba bper sella nexi ziggo kpn belfius kbc argenta bpi millennium ' +
  'novobanco ctt mbway sedo zkb postfinance raiffeisen erste bawag csob pkobp pekao ipko allegrolokalnie gazprom sberbank ' +
  'tinkoff ozon wildberries avito vkontakte bitpay paxful localbitcoins linktree notion github gitlab slack trello'
).split(' ');

/** All brands. */
export const BRANDS: readonly Brand[] = [
  ...OWNED.flatMap(([names, domains]) =>
    names.split(' ').map((name) => ({ name, domains: domains.split(' ') })),
  ),
  ...PLAIN.map((name) => ({ name, domains: [] })),
];

/** The sixteen brands that the trust score's brand signal compares with: the top of public phishing reports. */
export const TRUST_BRANDS: readonly string[] = (
  'microsoft google apple amazon paypal facebook instagram whatsapp netflix linkedin dhl dropbox adobe docusign coinbase ' +
  'wellsfargo'
).split(' ');
