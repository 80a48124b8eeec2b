//! What is around the content of each page.

use super::markup::Markup;
use super::style::style;

/// Nothing may be fetched, run, sent or framed (Content Security Policy Level 3). The style sheet is in the page.
const POLICY: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
    style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n";

/// A whole document.
pub(super) fn document(title: &str, content: impl FnOnce(&mut Markup)) -> String {
    let mut markup = Markup::default();
    markup.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    markup.raw(POLICY);
    markup.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    markup.raw("<meta name=\"referrer\" content=\"no-referrer\">\n");
    markup.leaf("title", &[], title);
    markup.raw("\n<style>\n");
    // Not through `text`: quotation marks are part of the rules, and no text of anybody else is.
    markup.style(&style());
    markup.raw("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#content\">Skip to the verdict</a>\n<div class=\"sheet\">\n");
    content(&mut markup);
    markup.raw("<footer>Made by Sealift. ");
    markup.raw("Programs find the same in report.json.</footer>\n</div>\n</body>\n</html>\n");
    markup.finish()
}
