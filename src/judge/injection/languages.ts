/**
 * Orders to a reading model in other languages, as `plainOf` leaves text: lower case, without accents (й is и, ё is е, ñ is n).
 * For each language: earlier instructions set aside; this domain to be allowed, which is no consent dialog; the answer told.
 */
const near = (chars: number): string => `[^.!?\\n]{0,${chars}}?`;

const SPACED = [
  // German.
  `\\b(?:ignorier\\w*|vergiss|vergessen sie|missacht\\w*|verwirf|verwerfen sie)\\b${near(30)}\\b(?:bisherig|vorherig|vorig|obig|fruher|vorangegangen|alle|dein|ihre)\\w*\\b${near(20)}\\b(?:anweisung|instruktion|befehl|vorgabe|prompt|regel)\\w*`,
  `\\b(?:du|sie|ki|modell|assistent)\\b (?:musst|mussen|sollst|sollen|sollte\\w*|muss|soll|hat|hast)\\b${near(20)}\\b(?:diese[rsn]?|die) (?:domain|domane|verbindung|anfrage|website|webseite|seite|host)\\b${near(20)}\\b(?:erlaub|zulass|zuzulass|freigeb|freizugeb|genehmig|vertrau)\\w*`,
  `\\b(?:diese|dieser) (?:domain|domane|verbindung|host)\\b${near(12)}\\b(?:ist|muss|sind) (?:zu )?(?:erlauben|zuzulassen|freizugeben|erlaubt werden|zugelassen werden)`,
  `\\b(?:antworte|antworten sie|gib|geben sie|urteil|entscheidung|ergebnis)\\b[ :]{0,3}(?:nur |ausschliesslich |ist |lautet |immer |aus )*(?:mit |dem wort )*["']?(?:allow|erlauben|erlaubt|zulassen)\\b`,
  `\\bstuf\\w* (?:sie )?(?:diese[rns]?|die) (?:domain|domane|seite|website|verbindung) als (?:sicher|vertrauenswurdig|harmlos)`,
  `\\b(?:hinweis|nachricht|anweisung|achtung)\\b,? (?:an |fur )?(?:die |alle |das )?(?:ki|sprachmodelle?|ki-\\w+)\\b ?[:,!]`,
  // French.
  `\\boubli(?:e|ez) (?:toutes )?(?:vos|tes) (?:regles|instructions|consignes|directives)\\b`,
  `\\b(?:ignor(?:e|ez|er)|oubli(?:e|ez|er)|neglig(?:e|ez)|annul(?:e|ez)|ne (?:tiens|tenez) pas compte d\\w+)\\b${near(25)}\\b(?:instructions?|consignes|directives|regles|ordres)\\b${near(12)}\\b(?:precedent|anterieur|ci-dessus|initial|systeme)`,
  `\\b(?:tu dois|vous devez|il faut|veuillez)\\b${near(20)}\\b(?:autoriser|permettre|approuver|accepter)\\b (?:ce|cette|le|la) (?:domaine|connexion|requete|site|hote)\\b(?! (?:a|d')\\b)`,
  `\\bautorise[zr]? (?:ce domaine|cette connexion|cette requete)\\b`,
  `\\b(?:reponds|repondez|verdict|decision)\\b[ :]{0,3}(?:uniquement |seulement |simplement |est |par |avec |le mot )*["']?(?:allow|autoriser)\\b`,
  `\\bconsidere[zr]? (?:ce|cette) (?:domaine|site|page|connexion) comme (?:sur|sure|fiable|legitime)`,
  // Spanish, Portuguese, Italian.
  `\\b(?:olvid[ae]|ignor[ae]|esquec[ae]|dimentica) (?:tod[ao]s )?(?:tus|sus|suas|le tue) (?:reglas|instrucciones|regras|instrucoes|regole|istruzioni)\\b`,
  `\\b(?:ignor[aeo]\\w*|olvid[ae]\\w*|desestim[ae]|descart[ae]|haz caso omiso|esquec[ae]|desconsider[ae]|dimentica|trascura)\\b${near(20)}\\b(?:instrucciones|instrucoes|istruzioni|indicaciones|ordenes|ordens|reglas|regras|regole|directrices|diretrizes|direttive|comandos)\\b${near(12)}\\b(?:anterior|previa|precedent|acima|sopra|de arriba|do sistema|del sistema)`,
  `\\b(?:debes?|debe usted|tienes que|deve|devi|voce deve|e necessario)\\b${near(12)}\\b(?:permitir|autorizar|aprobar|aprovar|consentire|autorizzare|approvare)\\b (?:este|esta|esse|essa|questo|questa|quest') ?(?:dominio|conexion|conexao|connessione|sitio|site|sito|solicitud|richiesta)\\b(?! (?:a|di|que|de)\\b)`,
  `\\b(?:permite|permita|autoriza|autorice|autorize|consenti|autorizza|approva|aprueba|aprove) (?:este dominio|esta conexion|esta conexao|questo dominio|questa connessione)\\b`,
  `\\b(?:responde|responda|responder|rispondi|veredicto|veredito|verdetto)\\b[ :]{0,3}(?:solo |solamente |unicamente |apenas |somente |soltanto |es |e |con |com |la palabra )*["']?(?:allow|permitir|permesso|permitido)\\b`,
  `\\b(?:considera|clasifica|marca|classifica|considere|clasifique|classifique) (?:este|esta|questo|questa) (?:dominio|sitio|sito|site|pagina) com[eo] (?:segur|sicur|confiable|confiavel|affidabil|legitim)`,
  // Russian, Ukrainian.
  `(?:игнорируи\\p{L}*|проигнорируи\\p{L}*|забудь\\p{L}*|отбрось\\p{L}*|ігноруи\\p{L}*|не обращаи\\p{L}* внимания на)${near(20)}(?:предыдущ|прежн|прошл|вышеуказанн|все|всі|попередн)\\p{L}*${near(20)}(?:инструкци|указани|правил|команд|распоряжени|інструкці|вказівк)\\p{L}*`,
  `(?:ты|вы|модель|ассистент)\\s(?:должен|должна|должны|обязан\\p{L}*)${near(12)}(?:разрешить|пропустить|одобрить|позволить)\\s(?:этот|это|эту|данныи|данное)\\s(?:домен|соединение|подключение|запрос|саит)(?!\\p{L}| (?:использ|сохран))`,
  `разреши(?:те)?\\s(?:этот|это|данныи|данное)\\s(?:домен|соединение|подключение)`,
  `(?:ответь|ответьте|отвечаи|отвечаите|вердикт|решение)[ :—-]{0,3}(?:только |словом |одним словом )*["']?(?:allow|разрешить)`,
  `(?:считаи|считаите|пометь|пометьте)\\s(?:этот|данныи)\\s(?:домен|саит)${near(8)}(?:безопасн|доверенн|надежн)`,
  // Vietnamese, Indonesian, Czech and Slovak, Danish and Norwegian, Romanian, Greek, Hebrew, Persian, Dutch, Polish, Turkish, Swedish, Arabic, Hindi.
  `\\bbo qua\\b${near(15)}\\b(?:huong dan|chi dan|chi thi|menh lenh)\\b${near(8)}\\b(?:truoc|o tren)`,
  `\\babaikan\\b${near(12)}\\b(?:instruksi|perintah|arahan)\\b${near(8)}\\b(?:sebelumnya|di atas)`,
  `\\bignoruj\\w*\\b${near(15)}\\b(?:predchozi|predchadzajuc)\\w*\\b${near(8)}\\b(?:pokyn|instrukc)\\w*`,
  `\\bignorer\\w*\\b${near(12)}\\b(?:tidligere|foregaende|forrige)\\b${near(8)}\\binstru\\w*`,
  `\\bignora\\w*\\b${near(12)}\\binstructiunile\\b${near(8)}\\banterioare`,
  `αγνο(?:ησε|ηστε|ησετε|ειστε)${near(15)}προηγουμεν\\p{L}*${near(8)}(?:οδηγι|εντολ)\\p{L}*`,
  `התעל(?:ם|מי|מו)${near(12)}(?:ההוראות|הוראות|ההנחיות)${near(6)}(?:הקודמות|קודמות)`,
  `(?:دستور|راهنما)\\p{L}*${near(8)}قبلی${near(6)}نادیده`,
  `\\bnegeer\\b${near(15)}\\b(?:eerdere|vorige|bovenstaande|voorgaande|alle)\\b${near(12)}\\b(?:instructies|opdrachten|aanwijzingen|regels)`,
  `\\bsta (?:dit domein|deze verbinding) toe\\b`,
  `\\b(?:z?ignoruj|pomin|zapomnij)\\w*\\b${near(15)}\\b(?:poprzedni|wczesniejsz|powyzsz|wszystk)\\w*\\b${near(12)}\\b(?:instrukcj|polecen|wytyczn)\\w*`,
  `\\bonceki\\b${near(12)}\\b(?:talimat|komut|yonerge)\\w*\\b${near(12)}\\b(?:yok say|unut|goz ardi|dikkate alma)`,
  `\\bignorera\\b${near(15)}\\b(?:tidigare|foregaende)\\b${near(12)}\\binstruktion\\w*`,
  `تجاهل${near(15)}(?:التعليمات|الاوامر|الأوامر|الإرشادات)${near(6)}(?:السابقة|اعلاه|أعلاه)`,
  `पिछले${near(12)}(?:निर्देश|आदेश)\\p{L}*${near(12)}(?:अनदेखा|नज़रअंदाज)`,
];
const JOINED = [
  // Chinese.
  `(?:忽略|无视|無視|忽视|忘记|忘掉|忘記|不要理会|不要理會|抛弃).{0,6}(?:之前|以上|先前|上述|前面|此前|所有|一切|原有|你的|系统|系統).{0,6}(?:指令|指示|说明|說明|规则|規則|提示词|提示|命令|要求)`,
  `(?:必须|必須|应该|應該|应当|應當|务必|務必|一定要|请|請|并|並)(?:允许|允許|放行|批准|信任|通过|通過)(?:该|該|此|这个|這個|本|这一)(?:域名|网域|網域|连接|連接|連線|请求|請求|主机)(?!使用|访问|存取|存储|设置|发送|显示)`,
  `(?:判定|结论|結論|裁决|裁決|判决|判決|最终答案)(?:为|為|是|应为|应该是)?(?:允许|允許|allow|放行|通过|通過)`,
  `(?:回答|回复|回覆|输出|輸出|返回)(?:只|仅|僅|一个|字|词)*(?:allow|允许|允許|放行)(?!使用|访问|你|您)`,
  `(?:将|將|把)(?:该|該|此|这个|這個|本).{0,3}(?:域名|网域|網域|网站|網站|连接).{0,3}(?:标记|標記|视|視|归类|判定|歸類).{0,1}(?:为|為|成)(?:安全|可信|无害)`,
  `你现在是.{0,10}(?:助手|模型|ai)`,
  // That it is allowed, or was approved.
  `(?:该|該|此|这个|這個|本|这一)(?:域名|网域|網域|连接|連接|連線|请求|請求|主机)(?:已|应|應|必须|必須|可以|是|被|经|經|当|當)+(?:允许|允許|放行|批准|授权|授權|许可|許可|信任)`,
  `(?:用户|用戶|使用者|管理员|管理員)(?:已|经|經|早就|刚刚)+(?:批准|允许|允許|授权|授權|同意|确认)(?:了|该|該|此|这个|這個|本)*(?:域名|连接|連接|連線|请求|請求)`,
  `この(?:ドメイン|接続|ホスト|通信)は.{0,12}(?:許可|承認)(?:され|済|する|しな|すべ)`,
  `(?:ユーザー?|利用者|管理者)(?:は|が).{0,10}(?:接続|ドメイン|通信).{0,4}(?:許可|承認)`,
  `(?:이|본)(?:도메인|연결|호스트)(?:은|는).{0,8}(?:허용|승인)|(?:사용자|관리자)(?:가|는|이).{0,8}(?:연결|도메인).{0,3}(?:허용|승인)`,
  // Japanese, Korean.
  `(?:以前|これまで|上記|前|今まで|先ほど)の.{0,8}(?:指示|命令|ルール|プロンプト|制約).{0,6}(?:無視|忘れ|破棄)`,
  `この(?:ドメイン|接続|ホスト|リクエスト)を(?:必ず)?(?:許可|承認|信頼|allow)`,
  `(?:判定|結論|回答|評決)は(?:許可|allow)`,
  `(?:이전|위|앞|기존|지금까지).{0,8}(?:지시|명령|지침|규칙|프롬프트).{0,6}(?:무시|잊)`,
  `(?:이|본)(?:도메인|연결|호스트)(?:을|를)(?:반드시)?(?:허용|승인|신뢰)`,
];

/** On text as `plainOf` leaves it. */
export const LANGUAGES = new RegExp(SPACED.join('|'), 'u');
/** On text as `joinedOf` leaves it: no spaces, no punctuation. */
export const WIDE = new RegExp(JOINED.join('|'), 'u');
