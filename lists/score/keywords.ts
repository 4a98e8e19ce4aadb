/** Words that phishing names lean on. Written by hand; matched as whole tokens and, from five letters on, inside words. */
export const PHISH_KEYWORDS: readonly string[] = (
  'login signin signon logon logins verify verification verified secure security secured account accounts update updates ' +
  'billing invoice payment payments pay wallet wallets password support auth authenticate authentication confirm ' +
  'confirmation tracking track parcel delivery colis livraison suivi envio envios paquete paket pacote rastreio client ' +
  'cliente clientes service services servicio help helpdesk recover recovery restore reactivate reactivation unlock ' +
  'unlocked locked suspended limited alert alerts notice notification refund claim claims reward rewards bonus gift ' +
  'giveaway free promo airdrop token tokens swap stake staking connect connexion dapp dapps app apps web portal center ' +
  'centre info online banking bank card carte sms tax toll fine amende infraction validate validation session customer ' +
  'member official officiel oficial store shop sale outlet discount mail email webmail document documents docs share ' +
  'shared viewer voicemail fax hr payroll onedrive extension bridge exchange presale mint nft seed phrase rectify ledger ' +
  'sync migrate migration restoration start setup download desktop live suite hub pro resmi layanan bantuan undian hadiah ' +
  'acceso ingreso entrar seguro seguridad cuenta banca clave konto anmelden sicherheit kunden'
).split(' ');

/** The seed design's keyword signal: words that cost trust when a name carries them as a token. */
export const TRUST_KEYWORDS: readonly string[] = (
  'tracking tracker track login signin logon verify verification billing invoice payment secure security account update ' +
  'confirm password wallet banking bank support recover recovery unlock suspended alert refund claim reward bonus gift ' +
  'free promo airdrop token validate ads adserver click clicks popup analytics telemetry pixel beacon'
).split(' ');
