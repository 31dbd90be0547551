/**
 * Which words does TypeScript show to people by itself, in place of a dictionary's?
 * By rule, not by list. Shown are: text and spoken attributes of lit templates,
 * literals that an expression there comes to, literals that become texts
 * (`caption: '…'`, `textContent = '…'`), and wherever it stands a literal that reads
 * as a sentence or a label. Not shown: errors (English details under translated
 * advice), imports, types, comparisons, and attributes that no one sees.
 */
import ts from 'typescript';
import { plainWords } from './plain_words';
import { readMarkup } from './shown_markup';

export interface Shown {
  readonly line: number;
  readonly text: string;
}

/** Of a literal anywhere: 'Save JSON', 'Result', 'no more than this.', '{} of {}'. Class names and codes do not read so. */
function readsAsText(text: string): boolean {
  const words = plainWords(text);
  if (words.length === 0 || isStyleSheet(text)) return false;
  if (/\p{Script=Han}/u.test(text)) return true;
  const beginsAsLabel = /^\s*\p{Lu}\p{Ll}+(\s|[:.!?…]|$)/u.test(text);
  const endsAsSentence = /\p{Ll}{2}[.!?…]\s*$/u.test(text) && words.length > 1;
  const isBetweenValues = /[\ue000-\uf8ff]\s+\p{Ll}[\p{Ll} ]*\s+[\ue000-\uf8ff]/u.test(text);
  return beginsAsLabel || endsAsSentence || isBetweenValues || words.length > 3;
}

const isMarkup = (text: string) => /<[a-z!][^<]*>/i.test(text);
const isStyleSheet = (text: string) => /\{[^}]*:[^}]*;\s*\}/.test(text);

/** Properties whose value is text to read, by the names this code has for them. */
const TEXTS = /^(caption|head|heading|label|legend|finding|placeholder|summary|note|hint)$/;
const ASSIGNED = /^(title|textContent|innerText|innerHTML|ariaLabel|ariaDescription|ariaValueText|alt|placeholder)$/;

export function shownLiterals(source: string): Shown[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
  const found: Shown[] = [];
  /** Looked at already, or in a place that no one sees. */
  const done = new Set<ts.Node>();

  const report = (node: ts.Node, text: string) => {
    const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    found.push({
      line,
      text: text
        .replace(/[\ue000-\uf8ff]/g, '…')
        .replace(/\s+/g, ' ')
        .trim(),
    });
  };

  const visit = (node: ts.Node): void => {
    if (done.has(node) || isUnseen(node)) return;
    if (ts.isTaggedTemplateExpression(node) && /^(html|svg)$/.test(node.tag.getText())) visitMarkup(node.template);
    if (isText(node) && isMarkup(partsOf(node).text)) visitMarkup(node);
    const value = shownValue(node);
    if (value) for (const each of outcomes(value)) judge(each, (text) => plainWords(text).length > 0);
    if (isText(node)) judge(node, readsAsText);
    ts.forEachChild(node, visit);
  };

  const judge = (node: Text, isShown: (text: string) => boolean) => {
    if (done.has(node)) return;
    done.add(node);
    const { text, spans } = partsOf(node);
    if (isShown(text)) report(node, text);
    spans.forEach(visit);
  };

  const visitMarkup = (template: Text) => {
    const { text, spans } = partsOf(template);
    const { shown, unseen } = readMarkup(text);
    const spansIn = (part: string) =>
      [...part.matchAll(/[\ue000-\uf8ff]/g)].map(([hole]) => spans[hole.charCodeAt(0) - 0xe000]!);
    for (const part of shown) {
      if (plainWords(part).length > 0) report(template, part);
      for (const each of spansIn(part).flatMap(outcomes)) judge(each, (words) => plainWords(words).length > 0);
    }
    for (const each of unseen.flatMap(spansIn).flatMap(outcomes)) done.add(each);
    done.add(template);
    spans.forEach(visit);
  };

  visit(file);
  return found;
}

type Text = ts.StringLiteralLike | ts.TemplateExpression;
const isText = (node: ts.Node): node is Text => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);

/** The literal with a character of the private use area for each expression in it, and the expressions. */
function partsOf(node: Text): { text: string; spans: readonly ts.Expression[] } {
  if (!ts.isTemplateExpression(node)) return { text: node.text, spans: [] };
  const rest = node.templateSpans.map(({ literal }, index) => String.fromCharCode(0xe000 + index) + literal.text);
  return { text: node.head.text + rest.join(''), spans: node.templateSpans.map(({ expression }) => expression) };
}

/** The literals that an expression may come to: both ends of a choice, both sides of an operator. */
function outcomes(node: ts.Node): Text[] {
  if (isText(node)) return [node];
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return outcomes(node.expression);
  if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse].flatMap(outcomes);
  if (ts.isBinaryExpression(node) && !isComparison(node)) return [node.left, node.right].flatMap(outcomes);
  if (ts.isArrayLiteralExpression(node)) return node.elements.flatMap(outcomes);
  return [];
}

/** `caption: x`, `element.title = x`, `setAttribute('aria-label', x)`, `announce(x)`: the x. */
function shownValue(node: ts.Node): ts.Expression | undefined {
  if (ts.isPropertyAssignment(node) && TEXTS.test(node.name.getText())) return node.initializer;
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
    const { left, right } = node;
    return ts.isPropertyAccessExpression(left) && ASSIGNED.test(left.name.text) ? right : undefined;
  }
  if (!ts.isCallExpression(node) || !node.expression.getText().endsWith('setAttribute')) return undefined;
  const [name, value] = node.arguments;
  return name && /title|alt|label|placeholder|valuetext|description/.test(name.getText()) ? value : undefined;
}

function isComparison(node: ts.BinaryExpression): boolean {
  const { EqualsEqualsEqualsToken, ExclamationEqualsEqualsToken } = ts.SyntaxKind;
  return [EqualsEqualsEqualsToken, ExclamationEqualsEqualsToken].includes(node.operatorToken.kind as never);
}

function isUnseen(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isThrowStatement(node)) return true;
  if (ts.isNewExpression(node)) return node.expression.getText().endsWith('Error');
  if (ts.isCallExpression(node)) return node.expression.getText().startsWith('console.');
  const { parent } = node;
  if (!isText(node) || !parent) return false;
  if (ts.isCallExpression(parent) && /\.(includes|has|get|startsWith|endsWith)$/.test(parent.expression.getText()))
    return true;
  if (ts.isCaseClause(parent) || ts.isElementAccessExpression(parent)) return true;
  if (ts.isPropertyAssignment(parent) && parent.name === node) return true;
  return ts.isBinaryExpression(parent) && isComparison(parent);
}
