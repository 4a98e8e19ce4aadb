import type { Lexicon } from '../src/score/lexicon.ts';
import { type Example, readExamples } from './examples.ts';

/** All that a training run reads. */
export interface Dataset {
  readonly phishing: readonly Example[];
  readonly hosts: readonly Example[];
  readonly cdn: readonly Example[];
  readonly domains: readonly Example[];
  readonly malware: readonly Example[];
  readonly generated: readonly Example[];
}

const hostKey = (parts: Example['parts']): string => parts.host;

/** Reads the folder. A host that is called hostile in one file is not taken as honest from another list of hosts. */
export function readDataset(dir: string, lexicon: Lexicon): Dataset {
  const seen = new Set<string>();
  return {
    phishing: readExamples(dir, 'phishing', true, lexicon, hostKey, seen),
    hosts: readExamples(dir, 'benign_hosts', false, lexicon, hostKey, seen),
    cdn: readExamples(dir, 'cdn_hosts', false, lexicon, hostKey, seen),
    domains: readExamples(dir, 'benign_domains', false, lexicon, hostKey),
    malware: readExamples(dir, 'malware', true, lexicon, hostKey),
    generated: readExamples(dir, 'dga', true, lexicon, hostKey),
  };
}

/** Honest names by judged label and suffix, each once; operators' zones are left out, their labels teach nothing. */
export function honestLabels({ domains, hosts }: Dataset): Example[] {
  const labels = new Set<string>();
  return [...domains, ...hosts].filter(({ parts }) => {
    const key = parts.host.slice(parts.labelStart);
    if (labels.has(key) || parts.hostedBy === 'provider') return false;
    labels.add(key);
    return true;
  });
}

/** The oldest list counts half. */
const OLD_LIST_WEIGHT = 0.5;
const CDN_WEIGHT = 0.3;
/** Honest internationalized names are few in the lists and ten times as many among phishing: an alphabet is no evidence. */
const INTERNATIONAL_WEIGHT = 8;

/** Hosts and domains with the weights that the phishing model is trained with. */
export function wholeHosts({ phishing, hosts, cdn, domains }: Dataset): Example[] {
  return [...phishing, ...hosts, ...cdn, ...domains].map((example) => ({
    ...example,
    weight: weightOf(example),
  }));
}

function weightOf({ file, group, hostile, parts }: Example): number {
  if (hostile) return 1;
  const old = file === 'benign_domains' && group !== 'tranco26';
  const source = file === 'cdn_hosts' ? CDN_WEIGHT : old ? OLD_LIST_WEIGHT : 1;
  return parts.host.includes('xn--') ? source * INTERNATIONAL_WEIGHT : source;
}
