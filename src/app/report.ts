/** All that writes reports: half as large as the page, so it is loaded when Compare is first open. */
export { checkClaims } from '../compare/claims';
export { reportOf } from '../compare/report';
export { reportCsv } from '../compare/report_csv';
export { reportHtml } from '../compare/report_html';
export { reportJson } from '../compare/report_json';
export { reportMarkdown } from '../compare/report_markdown';
