import { Command } from 'commander';
import { fault } from '../core/errors.js';
import { type CompiledSet, differenceFromBase, effectiveRules, setFor } from '../mapping/compile.js';
import type { EffectiveRule } from '../mapping/layers.js';
import { printRule } from '../mapping/print-rule.js';
import { didYouMean } from '../mapping/problem.js';
import { jsonOption } from './data-folder-option.js';
import { mappingOf, mappingsOption } from './mapping-folders.js';
import { printJson } from './print-table.js';

interface Options {
  readonly mappings: readonly string[];
  readonly sender?: string;
  readonly map?: string;
  readonly diff?: true;
  readonly json?: true;
}

/** `wardline mapping effective`. */
export function effectiveCommand(): Command {
  return new Command('effective')
    .description('Show the rules as they stand after all layers, each with its layer and place.')
    .option('--sender <name>', 'with the layers of this sender: MSH-3|MSH-4')
    .option('--map <name>', 'only the rules of this map: PID[Patient]')
    .option('--diff', 'only what layers changed, added or disabled, beside what the base says')
    .addOption(mappingsOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  wardline mapping effective --map 'PID[Patient]'
  wardline mapping effective --sender 'LAB|NORTH' --diff --mappings mappings /etc/wardline/mappings/north`,
    )
    .action(({ mappings, sender, map, diff, json }: Options) => {
      const set = setFor(mappingOf(mappings), sender ?? '|');
      const rules = chosen(diff ? differenceFromBase(set) : effectiveRules(set), set, map);
      if (json) printJson({ rules });
      else
        process.stdout.write(
          rules.length === 0 ? 'no rules\n' : rules.map((rule) => printed(rule, diff === true)).join('\n'),
        );
    });
}

function chosen(rules: readonly EffectiveRule[], set: CompiledSet, map: string | undefined): readonly EffectiveRule[] {
  if (map === undefined) return rules;
  const names = new Set(set.rules.map(({ name }) => name.slice(0, name.indexOf('/'))));
  if (!names.has(map)) throw fault('usage', `there is no map '${map}'${didYouMean(map, names)}`);
  return rules.filter(({ name }) => name.startsWith(`${map}/`));
}

function printed(rule: EffectiveRule, diff: boolean): string {
  const change = rule.change === 'none' ? '' : `  ${rule.change}`;
  const head = `# ${rule.name}  ${rule.layer}${change}  ${rule.file}:${rule.line}\n`;
  if (!diff) return head + (rule.rule === undefined ? '' : printRule(rule.rule));
  return head + [...marked('-', rule.base), ...marked('+', rule.rule)].join('');
}

function marked(sign: string, rule: EffectiveRule['rule']): string[] {
  if (rule === undefined) return [];
  return printRule(rule)
    .trimEnd()
    .split('\n')
    .map((line) => `${sign} ${line}\n`);
}
