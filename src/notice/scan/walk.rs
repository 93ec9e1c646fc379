//! The pass itself: takes mark after mark and hands each to the file that reads its kind.

use super::scanner::{Scan, Scanner};
use crate::notice::title;
use crate::notice::token::{Kind, Token};

/// The most headings in a row at the start of a line: "One, (one) 1. ...".
const MOST_HEADINGS: usize = 3;

/// Finds the headings and clauses of a text. `run_on` says that headings stand within lines.
pub(in crate::notice) fn scan(text: &str, tokens: &[Token], run_on: bool) -> Scan {
    let mut scanner = Scanner::new(text, tokens, run_on);
    scanner.scan.headers.extend(title::of_document(text));
    scanner.start_line(0);
    while let Some(token) = scanner.rest().first().copied() {
        scanner.next += 1;
        scanner.mark(token);
    }
    scanner.end_sentence(text.len(), true);
    scanner.scan
}

impl Scanner<'_> {
    fn mark(&mut self, token: Token) {
        match token.kind {
            Kind::Newline => {
                self.end_sentence(token.at, true);
                // A sentence that is a clause makes the marks behind its words the next ones again.
                self.go_to(token.end());
                self.start_line(token.end());
            }
            Kind::Stop => {
                self.end_sentence(token.at, self.ends_paragraph(token.end()));
                self.start_sentence(token.end());
            }
            Kind::Open => self.open(token),
            Kind::Colon => self.colon(token),
            Kind::Dot | Kind::Item | Kind::Circled => self.inline_heading(token),
            Kind::Order if self.run_on => self.inline_heading(token),
            Kind::Duty | Kind::Lead => {
                self.role_at.get_or_insert(token.at);
            }
            Kind::Again => self.everywhere(token),
            _ => {}
        }
    }

    fn start_line(&mut self, at: usize) {
        self.line_start = at;
        self.start_sentence(at);
        if self.table_line(at) {
            return;
        }
        self.begin_measures(at);
        let mut at = at;
        for _ in 0..MOST_HEADINGS {
            let Some(marker) = self.marker_of_line(at).filter(|marker| !self.is_measure(*marker)) else { break };
            self.heading(marker);
            at = marker.span.end;
        }
    }
}
