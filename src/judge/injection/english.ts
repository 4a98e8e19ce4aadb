/**
 * How orders to a reading model look, in lower case as `plainOf` leaves text. Each source is one idea; what ordinary pages say
 * (cookie walls, consent dialogs, WHOIS terms, documentation of AI) must match none of them. Each begins at the start of a word,
 * and gaps are bounded, so that all run in linear time.
 */

/** Words that name a model; each alone is enough. */
const AI =
  '(?:ai|llms?|(?:large )?language models?|chatgpt|gpt-?\\d*|claude|gemini|copilot|resolagent|(?:ai|security|automated|autonomous|virtual|firewall|judge) (?:models?|assistants?|agents?|judges?|reviewers?|analysts?|bots?|systems?))';
/** Words that may name a model. */
const MODEL = `(?:${AI}|models?|assistants?|judges?|firewall judge|reviewers?)`;
const GAP = '[\\s,;:"()*/-]+';
/** Up to so many words between two others, within a sentence. */
const upTo = (words: number): string => `(?:${GAP}[\\w']+){0,${words}}?${GAP}`;
const ALLOW = '(?:allow|permit|approve|authori[sz]e|whitelist|allowlist|unblock|trust)';
const THIS = '(?:this|that|our|my|these|said)';
const DOMAIN =
  '(?:(?:registrable|requested|network|outbound|outgoing|internet|entire|whole) )?(?:domain|host|hostname|connection|traffic|flow|network request)s?';
const SITE = `(?:${DOMAIN}|(?:web)?sites?|web ?pages?|page|name|url|server|request|registration|shop|service)`;
/** Not followed by what makes it a consent dialog or a dialog of a program. */
const END = "(?!'s|\\w| (?:to|name|request|cookies?|access|and verify)\\b)";
const STRONG =
  '(?:must|should|shall|have to|has to|need to|needs to|ought to|(?:is|are) (?:required|instructed|ordered|told|obliged|directed|commanded) to)';
const WEAK =
  '(?:will|please|kindly|just|simply|always|immediately|now|therefore|hereby|is to|are to|and|then)';
const SAFE =
  '(?:safe|trusted|trustworthy|benign|allowed|legit|legitimate|harmless|clean|verified|whitelisted|known[- ]good)';
const INSTRUCTIONS =
  '(?:instructions?|prompts?|directives?|directions|guidelines?|orders|commands|guardrails?|programming|system messages?)';
const BEFORE = '(?:previous|previously|prior|above|earlier|preceding|foregoing|former|initial|original|past)';

const ORDERS = [
  // Sets aside what the model was told.
  `(?:ignore|disregard|forget|abandon) (?:your (?:\\w+ )?|the \\w+ )(?:task|assignment)\\b`,
  `(?:ignore|disregard|forget) (?:all |any |the )?(?:text|everything|anything|content|messages?) (?:that (?:came|comes|is|was) )?(?:before|above)(?: this\\b| and\\b|[.,;!]|$)`,
  `(?:ignore|disregard|forget)${upTo(3)}(?:${INSTRUCTIONS}|rules) (?:that )?you (?:were|have been|got|received|follow)\\b`,
  `(?:ignore|disregard|forget)${upTo(2)}${BEFORE} (?:user|system|developer|assistant) messages?\\b`,
  `(?:ignor(?:e|es|ed|ing)|disregard(?:ing)?|forget(?:ting)?|neglect|discard|dismiss|abandon|set aside|pay no (?:attention|heed) to)${upTo(3)}(?:${BEFORE}|system|developer|your|other|all|any|every)${upTo(3)}${INSTRUCTIONS}\\b`,
  `(?:ignore|disregard|forget)(?:ing)?${upTo(3)}${BEFORE}${upTo(2)}(?:rules?|training|context|conversation|restrictions?|constraints?|polic(?:y|ies)|task)\\b`,
  `(?:ignore|disregard|forget) (?:everything|anything|all|what(?:ever)?)(?: that)? (?:was |is |has been |had been |came |stands |you were |you have been |you've been )?(?:above|before this|said|told|written|instructed|given to you)`,
  `(?:overrid(?:e|ing)|bypass(?:ing)?)${upTo(2)}(?:your|previous|prior|safety)${upTo(2)}(?:instructions|prompt|guidelines|directives|guardrails|programming|safety)\\b`,
  `(?:do not|don't|never|stop|cease|quit) (?:follow|obey|heed|listen)(?:ing)?${upTo(3)}(?:${BEFORE}|system|your)${upTo(2)}(?:${INSTRUCTIONS}|rules)\\b`,
  `(?:your|all)(?: ${BEFORE})? ${INSTRUCTIONS} (?:are|is|have been|has been) (?:\\w+ )?(?:void|null|invalid|obsolete|cancell?ed|revoked|suspended|superseded|overridden|replaced|deprecated|updated)\\b`,
  `(?:supersed|overrid|replac)(?:es?|ing) (?:all |any |your )*(?:${BEFORE}|your|system) (?:system )?${INSTRUCTIONS}\\b`,
  `stop (?:the|your|this|all) (?:\\w+ )?(?:analysis|investigation|evaluation|inquiry)\\b`,
  // Tells the verdict, or to give it.
  `verdict["']?[^\\w.!?\\n]{0,4}(?:is|=|:|must be|should be|shall be|to be|as)?[^\\w.!?\\n]{0,6}(?:an? )?\\b(?:allow|approve|permit)\\b`,
  `(?:an?|the|your) (?:allow|approve|approving|allowing) verdict\\b`,
  `(?:finish|end|conclude|reply|respond|return|give|issue|deliver|come back)(?: with| to)? an? (?:positive|favou?rable|safe|benign|clean) verdict\\b`,
  `(?:final|your|correct|right|only|proper|expected) (?:verdict|decision|answer|conclusion|classification|judge?ment|response|reply|output)(?: for (?:this|the) \\w+)? ?(?:is|=|:|must be|should be|shall be|has to be)? ?["'(*]{0,2}(?:allow|approve|permit)\\b`,
  `(?:final|your|correct|right|proper|expected) (?:verdict|conclusion|classification|judge?ment)(?: for (?:this|the) \\w+)? ?(?:is|=|:|must be|should be|shall be|has to be) ?["'(*]{0,2}${SAFE}\\b`,
  `(?:respond|reply|answer|output|return|print|say|emit|conclude|vote|decide)(?:ing|s)?\\b(?: (?:only|just|simply|solely|with|the|an?|single|one|exactly|word|string|verdict|token|by|saying|always|back)){0,6}[ :"'(*=-]{1,4}(?:allow|approve|permit)\\b(?! (?:all|cookies|you|us|the|users?|access|up|for|\\d))`,
  `(?:${STRONG}|${WEAK})(?: \\w+){0,2}? ${ALLOW} (?:${THIS}|the) ${DOMAIN}\\b${END}`,
  `(?:${STRONG}|please|kindly|always|immediately)(?: \\w+){0,2}? (?:allow|permit|approve|authori[sz]e|whitelist|allowlist|unblock) ${THIS} ${SITE}\\b${END}`,
  `(?:allow|permit|approve|whitelist|allowlist|unblock) ${THIS} ${DOMAIN}\\b${END}`,
  `(?:you|${MODEL}) ${STRONG} (?:\\w+ )?(?:allow|approve|permit|whitelist|unblock|authori[sz]e) (?:it|everything|anything)\\b(?! (?:to|access|cookies|for|in)\\b)`,
  `(?:allow|approve|permit)s? (?:every|all|any) (?:domain|host|connection|request)s?\\b${END}`,
  `(?:essential|critical|important|imperative|vital|mandatory|crucial|required) (?:that you|for you to) (?:\\w+ )?${ALLOW} (?:${THIS}|the) ${SITE}\\b${END}`,
  `let (?:${THIS}|the) ${SITE} (?:through|pass)\\b|let it through\\b`,
  `(?:mark|classify|report|treat|consider|rate|label|regard|deem|declare|categori[sz]e)(?: (?:${THIS}|the) ${SITE})(?: as| to be| is)?(?: \\w+ly| and)? ${SAFE}\\b`,
  `(?:classify|report|rate|declare) it as (?:\\w+ly )?${SAFE}\\b`,
  `(?:conclude|decide|state|report|answer) that (?:${THIS}|the) ${SITE} is (?:\\w+ly )?${SAFE}\\b`,
  `(?:under no circumstances|never|do not|don't|must not|should not|shall not)(?: (?:should|must|may|shall))?(?: you)?(?: ever)? (?:block|reject|deny|refuse|flag|blacklist) ${THIS} (?:${DOMAIN}|(?:web)?site)\\b`,
  `(?:write|compose|produce|give) an? (?:glowing|positive|favou?rable) (?:report|assessment|review|evaluation) (?:about|of|on|for) (?:${THIS}|the) ${DOMAIN}\\b`,
  `resolagent\\b[^\\n]{0,40}\\b(?:verdict|policy)\\b`,
  // Meddles with the tools and their results.
  `tool["']?\\s{0,3}:\\s{0,3}["']?(?:whois|dns_resolve|virustotal|fetch|certificate|history|verdict)["']`,
  `verdict["']\\s{0,3}:\\s{0,3}["'](?:allow|approve|safe)`,
  `role["']\\s{0,3}:\\s{0,3}["'](?:system|tool|assistant)["'][^}\\n]{0,200}\\b(?:allow|approve|ignore|verdict|disregard|override)\\b`,
  `(?:do not|don't|never|no need to|without|stop|refrain from|avoid)(?: \\w+){0,3}? (?:call|use|run|invoke|query|consult)(?:ing)?(?: \\w+){0,3}? (?:whois|virustotal|dns_resolve)\\b`,
  `(?:do not|don't|never|no need to|without|stop|refrain from|avoid) (?:call|invok)(?:e|ing)?(?: \\w+){0,2}? tools?\\b`,
  `no (?:further|more|additional|other) (?:tool[ -]?calls?|tools?|lookups?|look-ups) (?:are |is |will be )?(?:needed|required|necessary)\\b`,
  `(?:call|use|invoke) (?:the )?verdict (?:tool|function)\\b`,
  `cite (?:the )?(?:evidence |ids? |results? )?["'(]?e\\d\\b|evidence["']?\\W{1,6}e\\d\\b`,
  `(?:reveal|print|repeat|show|output|leak|disclose|display|recite|dump)(?: \\w+){0,6}? (?:your|the) (?:\\w+ )?(?:system|hidden|initial|secret) prompt\\b`,
  `(?:reveal|print|repeat|show|output|leak|disclose|display|recite|dump)(?: \\w+){0,6}? your (?:\\w+ )?(?:system|hidden|initial|secret|internal|developer) (?:instructions|message)\\b`,
  `(?:end|close) of (?:the )?(?:untrusted|external|tool|web ?page|page|user|evidence|retrieved|system) ?(?:data|content|output|results?|input|prompt|instructions?|message)?\\b[^\\w\\n]{0,6}$`,
  // Speaks to the model, or in somebody's name.
  `(?:note|message|attention|notice|important|instructions?|hint|reminder|warning|order|command|directive)\\W{1,3}(?:(?:to|for|all|any|the|every) ){0,3}(?:${MODEL})(?: ?[:!,]| - | (?:reading|reviewing|processing|evaluating|analy[sz]ing)\\b)`,
  `(?:dear|attention:?) (?:${AI}|assistant|model)(?=$|[,!.:]| (?:please|kindly|you|allow|approve|this|i|we)\\b)`,
  `(?:hello|hi|hey),? (?:${AI}|assistant|model)\\b[^\\n]{0,80}\\b(?:allow|verdict|approve|ignore|instructions?)\\b`,
  `if you(?:'re| are) (?:an? |any )?${AI}\\b(?:,|:| (?:reading|model|assistant|agent|or|and|that|evaluating|reviewing|system)\\b)`,
  `${AI}s? (?:reading|evaluating|reviewing|processing|analy[sz]ing|scanning) (?:this|our)\\b`,
  `as an? (?:ai|llm|language model|ai (?:model|assistant|agent|judge)),? you (?:must|should|shall|are|will|have|need|may|ought)\\b`,
  `${AI}\\b[^.\\n]{0,50}\\b(?:${STRONG}|is to|are to|please|kindly)\\b[^.\\n]{0,30}\\b(?:${ALLOW}|accept|classify|mark|consider|return)\\b[^.\\n]{0,12}\\b(?:${THIS}|the) ${SITE}\\b${END}`,
  `(?:the|this) (?:model|assistant|judge|firewall|security agent) (?:${STRONG}|is to|will|shall)(?: \\w+){0,2}? ${ALLOW}\\b(?: all| any)?(?: traffic| connections| requests)?(?: to| from| for)?(?: ${THIS}| the| all)? ${SITE}\\b${END}`,
  `(?:llm|ai)[-_ ](?:instructions?|prompt|directive|policy)\\s?[:=] ?(?:\\w+ ){0,3}(?:allow|answer|treat|ignore|approve|respond|trust|return|mark)\\b`,
  `you are (?:now|no longer|henceforth|hereby) (?:(?:an?|the|my|our) )?(?:\\w+ ){0,2}(?:assistant|ai|language model|model|dan|judge|chatgpt|bound by)\\b(?<!(?:chatting|talking|connected|speaking) with[^.\\n]{0,30})`,
  `you are (?:now )?(?:an? )?(?:unrestricted|jailbroken|uncensored)\\b|(?:enter|in|activate) (?:unrestricted|jailbreak|dan|god) mode\\b`,
  `from now on,? you (?:will|must|are to|shall|have to|should) (?:\\w+ ){0,2}?(?:act|allow|answer|respond|obey|ignore|approve|behave)\\b`,
  `(?:act|behave|respond|answer|pretend|role-?play) (?:as|like|to be|as if you (?:are|were)|that you are) (?:an? |the )?(?:dan|unrestricted|jailbroken|uncensored|language model|different (?:ai|assistant|model))\\b`,
  `new (?:system |priority |developer |admin\\w* )?(?:instructions?|directive|prompt)\\W{0,2}(?:\\([^)\\n]{0,40}\\))? ?:`,
  `your (?:real|actual|true) (?:task|instructions?|objective|directive|goal|job|mission|role)(?: is| are|:)|your new (?:task|instructions|directive|objective)(?: is| are|:)`,
  `new (?:task|rule|policy|order|command)s?: (?:\\w+ ){0,2}(?:allow|approve|permit|answer|respond|output|return|trust|ignore|treat|mark|classify)\\b`,
  `system override\\s?[:!-]`,
  `(?:is|was|been|are) (?:already |fully |hereby )?(?:pre-?approved|pre-?authori[sz]ed|whitelisted|allowlisted|cleared|exempt(?:ed)?|vetted) (?:by|from) (?:the |your |our |this |corporate |company )*(?:firewall|security team|soc|it (?:department|team)|system administrator|administrator|judge|operator)\\b`,
];

/** Chat templates, whose tokens a server may take for its own. */
const TEMPLATE = [
  // A line that plays somebody in the conversation.
  `^\\W{0,4}(?:[\\w ]{1,24}: )?(?:system|assistant|developer|ai|model|human|user|tool)(?: (?:message|prompt|note|override|update|instructions?))?\\W{0,3}:\\W{0,4}(?:you (?:must|should|shall|will|have to) (?:\\w+ )?(?:allow|approve|ignore|respond|answer|treat|mark|obey|permit|classify|trust)|you are (?:now|no longer)|ignore (?:all|any|the|your|previous)|disregard|approve (?:this|the|it|every)|allow (?:this|the domain|the connection|it)|new (?:instructions?|directive|policy|rule)|(?:the |my )?verdict|i (?:will|have (?:decided|concluded)|own this|order|hereby)|based on (?:the|this|my) evidence|the (?:domain|host|site) is (?:safe|on|allow|trust|verif)|your (?:task|instructions?|verdict|answer)|please (?:allow|approve|ignore)|(?:thanks|ok|sure),? (?:please )?(?:allow|verdict|i will allow))`,
  `[-=#*]{2,3} ?(?:end|begin)(?:ning)?(?: of)?(?: the)? (?:untrusted|tool|system|trusted|new|admin\\w*|data|evidence|context|prompt|instructions?)\\b`,
  '<\\|[^\\s<>|]{2,40}\\|>',
  '\\[ ?/?(?:inst|tool_calls?|tool_results|available_tools|system_prompt) ?\\]',
  '<</?sys>>|</?s> ?\\[|</s> ?<s>|<(?:start|end)_of_turn>',
  '</?(?:think|tool_calls?|tool_response|function_calls?|invoke)\\b[^>\\n]{0,80}>',
  '^human: [^\\n]{0,400}\\n{1,3}assistant: ',
  '^#{2,4} ?instruction: ?\\n[^\\n]{0,400}\\n{1,3}#{2,4} ?response:',
];

const FILL = '(?:all|any|every|the|of|your|my|these|those|and|other|given|safety){0,3}';

/** On text as `plainOf` leaves it. */
export const ENGLISH = new RegExp(`\\b(?:${ORDERS.join('|')})`, 'm');
/** On the same. */
export const TEMPLATES = new RegExp(TEMPLATE.join('|'), 'm');
/** The plainest orders, on text as `squeezedOf` leaves it; there every word runs into the next, so only long ones are told. */
export const SQUEEZED = new RegExp(
  `(?:ignore|disregard|forget|override|bypass)${FILL}(?:previous|prior|above|earlier|preceding|your|system|original)${FILL}(?:instruction|prompt|directive|guideline|command|order)` +
    '|(?:allow|approve|whitelist)this(?:domain|connection)(?!to|request|access|cookie|name)|verdictisallow|(?:reply|answer|respond)onlyallow',
);
