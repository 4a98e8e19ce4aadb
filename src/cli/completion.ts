import type { Command, Option } from 'commander';
import { assertNever } from '../model/never.ts';
import { print } from './print.ts';

type Shell = 'bash' | 'zsh' | 'fish';

/** A command, and what can follow its name. */
interface Place {
  /** The words that lead there, each after a space; empty for the program alone. */
  readonly at: string;
  /** Subcommands, or the words that its first argument may be: word → what it does. */
  readonly words: ReadonlyMap<string, string>;
  readonly options: readonly Option[];
}

/** `resolagent completion SHELL`. */
export function completion(shell: Shell, command: Command): void {
  print(completionScript(command.parent ?? command, shell).trimEnd());
}

/** What teaches a shell to complete this program's commands, options and the values that are known; all else are files. */
export function completionScript(root: Command, shell: Shell): string {
  const places = placesOf(root, '');
  switch (shell) {
    case 'bash':
      return bash(places);
    case 'zsh':
      return zsh(places);
    case 'fish':
      return fish(places);
    default:
      return assertNever(shell);
  }
}

function placesOf(command: Command, at: string): Place[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command).filter((sub) => sub.name() !== 'help');
  const [argument] = command.registeredArguments;
  const words = new Map(commands.map((sub) => [sub.name(), sub.description()]));
  for (const choice of argument?.argChoices ?? []) words.set(choice, argument?.description ?? '');
  return [
    { at, words, options: help.visibleOptions(command) },
    ...commands.flatMap((sub) => placesOf(sub, `${at} ${sub.name()}`)),
  ];
}

const flagsOf = ({ short, long }: Option): string[] => [short, long].filter((flag) => flag !== undefined);
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
/** A pattern of `case` for these words; none for no words. */
const pattern = (words: readonly string[]): string => words.map(quoted).join(' | ');
const isKnown = ({ at }: Place): boolean => at !== '';

/** Options after which a value comes: with what it may be, when that is known. */
function withValues(places: readonly Place[]): { before: string[]; choices: readonly string[] | null }[] {
  return places.flatMap(({ at, options }) =>
    options
      .filter((option) => option.required)
      .map((option) => ({
        before: flagsOf(option).map((flag) => `${at} ${flag}`),
        choices: option.argChoices ?? null,
      })),
  );
}

/** What bash and zsh read alike: where the words before the cursor lead, and whether a value is to come. */
function walk(places: readonly Place[], words: string): string {
  return `  local at= last= word
  for word in ${words}; do
    if _resolagent_value "$at $last"; then last=; continue; fi
    case "$at $word" in
      ${pattern(places.filter(isKnown).map(({ at }) => at))}) at="$at $word" ;;
    esac
    last=$word
  done`;
}

function valueTest(places: readonly Place[]): string {
  return `_resolagent_value() {
  case "$1" in
    ${pattern(withValues(places).flatMap(({ before }) => before))}) return 0 ;;
  esac
  return 1
}`;
}

function bash(places: readonly Place[]): string {
  const values = withValues(places);
  const known = values.flatMap(({ before, choices }) =>
    choices === null ? [] : `    ${pattern(before)}) words=${quoted(choices.join(' '))} ;;`,
  );
  const lines = (words: (place: Place) => readonly string[]) =>
    places.map((place) => `      ${quoted(place.at)}) words=${quoted(words(place).join(' '))} ;;`);
  return `# Completion of resolagent for bash: source it, or put it in /usr/share/bash-completion/completions/resolagent
${valueTest(places)}
_resolagent() {
  local words= cur=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
${walk(places, `"\${COMP_WORDS[@]:1:COMP_CWORD-1}"`)}
  case "$at $last" in
${known.join('\n')}
    *) if _resolagent_value "$at $last"; then return; fi ;;
  esac
  if [[ -z $words && $cur == -* ]]; then
    case "$at" in
${lines(({ options }) => options.flatMap(flagsOf)).join('\n')}
    esac
  elif [[ -z $words ]]; then
    case "$at" in
${lines(({ words }) => [...words.keys()]).join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _resolagent resolagent
`;
}

function zsh(places: readonly Place[]): string {
  const values = withValues(places);
  const known = values.flatMap(({ before, choices }) =>
    choices === null ? [] : `    ${pattern(before)}) compadd -- ${choices.map(quoted).join(' ')}; return ;;`,
  );
  const lines = (items: (place: Place) => readonly (readonly [string, string])[]) =>
    places.map((place) => {
      const found = items(place).map(([word, what]) => quoted(`${word}:${what}`));
      return `      ${quoted(place.at)}) found=(${found.join(' ')}) ;;`;
    });
  return `#compdef resolagent
# Completion of resolagent for zsh: source it, or put it as _resolagent in a folder of $fpath
compdef _resolagent resolagent
${valueTest(places)}
_resolagent() {
  local -a found
${walk(places, `"\${(@)words[2,CURRENT - 1]}"`)}
  case "$at $last" in
${known.join('\n')}
    *) if _resolagent_value "$at $last"; then _files; return; fi ;;
  esac
  if [[ $words[CURRENT] == -* ]]; then
    case "$at" in
${lines(({ options }) => options.flatMap((option) => flagsOf(option).map((flag) => [flag, option.description] as const))).join('\n')}
    esac
    _describe -o option found
  else
    case "$at" in
${lines(({ words }) => [...words]).join('\n')}
    esac
    if (( $#found )); then _describe command found; else _files; fi
  fi
}
if [[ $funcstack[1] == _resolagent ]]; then _resolagent "$@"; fi
`;
}

function fish(places: readonly Place[]): string {
  const text = (words: string): string => `'${words.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = places.flatMap(({ at, words, options }) => {
    const here = `complete -c resolagent -n ${text(`__resolagent_at ${text(at)}`)}`;
    return [
      ...[...words].map(([word, what]) => `${here} -f -a ${word} -d ${text(what)}`),
      ...options.map(({ short, long, description, required, argChoices }) => {
        const flags = `${short ? ` -s ${short.slice(1)}` : ''}${long ? ` -l ${long.slice(2)}` : ''}`;
        const value = argChoices === undefined ? ' -r' : ` -x -a ${text(argChoices.join(' '))}`;
        return `${here}${flags}${required ? value : ''} -d ${text(description)}`;
      }),
    ];
  });
  return `# Completion of resolagent for fish: put it in ~/.config/fish/completions/resolagent.fish
function __resolagent_at
  set -l at ''
  set -l last ''
  for word in (commandline -opc)[2..]
    switch "$at $last"
      case ${withValues(places)
        .flatMap(({ before }) => before)
        .map(text)
        .join(' ')}
        set last ''
        continue
    end
    set last $word
    switch "$at $word"
      case ${places
        .filter(isKnown)
        .map(({ at }) => text(at))
        .join(' ')}
        set at "$at $word"
    end
  end
  test "$at" = "$argv[1]"
end
${lines.join('\n')}
`;
}
