//! Pages that can be opened in a browser: one file each, without any request, readable without scripts, light and dark, on
//! screens and on paper.
//!
//! Here is what pages share: the shell with its style sheet and script, sections, tables, figures. `run` is the page of one
//! run, `overlay` that of several runs, `study` those of comparisons and sweeps. Not here: anything computed, and how charts
//! are drawn. All text passes [`escape`]; what is already HTML is [`Html`].

pub mod overlay;
pub mod run;
pub mod study;

use std::fmt::Write as _;

use super::chart::{FONT_BOLD, FONT_REGULAR, escape};
use super::pictures::Picture;

/// What every page has in its head, and nobody else's.
pub const GENERATOR: &str = r#"<meta name="generator" content="sendpool">"#;
const STYLE: &str = include_str!("html/style.css");
/// What the charts are measured with, and so what they are set in: their labels fit on every machine.
const FONT: &str = "Sendpool Charts";
const SCRIPT: &str = include_str!("html/script.js");

/// HTML that is well formed: its text has been escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// A text.
    pub fn text(text: &str) -> Html {
        Html(escape(text))
    }

    /// `<tag>content</tag>`; `tag` may carry attributes, whose values the caller has escaped.
    fn wrapped(tag: &str, content: &Html) -> Html {
        let name = tag.split(' ').next().unwrap_or(tag);
        Html(format!("<{tag}>{}</{name}>", content.0))
    }

    fn push(&mut self, more: &Html) {
        self.0.push_str(&more.0);
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A figure of the page that `summary.json` has at `pointer` (RFC 6901), as people write it: whoever checks the page can
/// find both.
fn figure_at(pointer: &str, text: &str) -> Html {
    Html(format!(r#"<span data-figure="{}">{}</span>"#, escape(pointer), escape(text)))
}

/// A page under construction.
#[derive(Debug, Default)]
struct Page {
    body: Html,
    contents: Vec<(&'static str, &'static str)>,
}

impl Page {
    /// Begins a section that answers a question.
    fn section(&mut self, id: &'static str, title: &'static str, question: &str) {
        self.contents.push((id, title));
        let _ = write!(self.body.0, "\n<h2 id=\"{id}\">{}</h2>\n", escape(title));
        if !question.is_empty() {
            let _ = writeln!(self.body.0, r#"<p class="lead">{}</p>"#, escape(question));
        }
    }

    fn add(&mut self, html: &Html) {
        self.body.push(html);
        self.body.0.push('\n');
    }

    /// A paragraph in a smaller type; what stands between backticks is code.
    fn note(&mut self, text: &str) {
        self.add(&note(text));
    }

    /// A chart, with what its script reads beside it.
    fn picture(&mut self, picture: &Picture) {
        let inline = picture.chart.inline(&picture.name);
        let data = if inline.data.is_null() {
            String::new()
        } else {
            format!(r#"<script type="application/json">{}</script>"#, script_safe(&inline.data.to_string()))
        };
        let _ = writeln!(
            self.body.0,
            r#"<figure data-chart="{}"><div class="scroll" tabindex="0">{}</div>{data}</figure>"#,
            picture.name, inline.svg
        );
    }

    /// The pictures of these names, in this order; whether there is any.
    fn pictures(&mut self, pictures: &[Picture], names: &[&str]) -> bool {
        let found: Vec<&Picture> =
            names.iter().filter_map(|name| pictures.iter().find(|picture| picture.name == *name)).collect();
        found.iter().for_each(|picture| self.picture(picture));
        !found.is_empty()
    }

    /// What follows is shown when asked for.
    fn folded(&mut self, title: &str, content: &Html) {
        self.add(&Html(format!("<details><summary>{}</summary>{}</details>", escape(title), content.0)));
    }

    fn list(&mut self, items: &[String]) {
        let items: String = items.iter().map(|item| format!("<li>{}</li>", escape(item))).collect();
        self.add(&Html(format!(r#"<ul class="plain">{items}</ul>"#)));
    }

    /// The whole document. `head` stands before the contents, `data` is inlined as JSON.
    fn finish(self, title: &str, head: &Html, data: &str) -> String {
        let links: String =
            (self.contents.iter()).map(|(id, title)| format!("<a href=\"#{id}\">{}</a>\n", escape(title))).collect();
        format!(
            concat!(
                "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
                "{generator}\n",
                // A page without icon would have its browser ask for one.
                "<link rel=\"icon\" href=\"data:,\">\n",
                "<title>{title}</title>\n<style>\n{fonts}{style}</style>\n</head>\n<body>\n<main>\n",
                "<header><h1>{title}</h1></header>\n{head}\n<nav>\n{links}</nav>\n{body}</main>\n",
                "<script type=\"application/json\" id=\"data\">{data}</script>\n",
                "<script>\n{script}</script>\n</body>\n</html>\n"
            ),
            generator = GENERATOR,
            title = escape(title),
            fonts = fonts(),
            style = STYLE,
            head = head.0,
            links = links,
            body = self.body.0,
            data = script_safe(data),
            script = SCRIPT,
        )
    }
}

fn note(text: &str) -> Html {
    let parts = text.split('`').enumerate();
    let parts: String = parts
        .map(|(index, part)| match index % 2 {
            0 => escape(part),
            _ => format!("<code>{}</code>", escape(part)),
        })
        .collect();
    Html(format!(r#"<p class="note">{parts}</p>"#))
}

/// The fonts of the charts, as part of the style sheet.
fn fonts() -> String {
    let face = |weight: &str, bytes: &[u8]| {
        format!(
            "@font-face {{ font-family: \"{FONT}\"; font-weight: {weight}; src: url(data:font/ttf;base64,{}); }}\n",
            base64(bytes)
        )
    };
    face("normal", FONT_REGULAR) + &face("bold", FONT_BOLD)
}

/// RFC 4648.
fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let number = three.iter().fold(0u32, |sum, byte| sum << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let sign = SIGNS[(number >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= three.len() { char::from(sign) } else { '=' });
        }
    }
    out
}

/// JSON as the content of a script element: it holds neither `</script` nor `<!--`, and is the same JSON.
fn script_safe(json: &str) -> String {
    json.replace('<', "\\u003c")
}

/// How a column is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Words,
    Number,
}

/// A table; each row has a cell for each column.
fn table(head: &[(&str, Column)], rows: &[Vec<Html>]) -> Html {
    let class = |column: Column| if column == Column::Number { r#" class="n""# } else { "" };
    let heads: String =
        head.iter().map(|(title, column)| format!("<th{}>{}</th>", class(*column), escape(title))).collect();
    let mut body = String::new();
    for row in rows {
        body.push_str("<tr>");
        for (cell, (_, column)) in row.iter().zip(head) {
            let _ = write!(body, "<td{}>{}</td>", class(*column), cell.0);
        }
        body.push_str("</tr>\n");
    }
    Html(format!(
        r#"<div class="scroll" tabindex="0"><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"#
    ))
}

/// A value with what is smaller below it, such as its interval.
fn with_small(value: &Html, small: &str) -> Html {
    if small.is_empty() {
        return value.clone();
    }
    Html(format!("{}<small>{}</small>", value.0, escape(small)))
}

/// A card of the headline.
fn card(title: &str, large: &Html, more: &Html) -> Html {
    let large = if large.is_empty() { String::new() } else { format!(r#"<div class="large">{}</div>"#, large.0) };
    Html(format!(r#"<div class="card"><h3>{}</h3>{large}<div class="more">{}</div></div>"#, escape(title), more.0))
}

fn cards(cards: &[Html]) -> Html {
    let cards: String = cards.iter().map(|card| card.0.as_str()).collect();
    Html(format!(r#"<div class="cards">{cards}</div>"#))
}

/// The verdict: `kind` is `kept`, `broken`, `open` or empty.
fn verdict(kind: &str, strong: &str, more: &str, points: &[String]) -> Html {
    let points: String = points.iter().map(|point| format!("<li>{}</li>", escape(point))).collect();
    let points = if points.is_empty() { points } else { format!("<ul>{points}</ul>") };
    Html(format!(r#"<div class="verdict {kind}"><strong>{}</strong> {}{points}</div>"#, escape(strong), escape(more)))
}

/// `kept`, `broken` or `undecided`, with its colour.
fn mark(passed: bool, undecided: bool) -> Html {
    let (kind, word) = match (passed, undecided) {
        (true, false) => ("kept", "✓ kept"),
        (false, false) => ("broken", "✗ broken"),
        (true, true) => ("open", "✓ kept, undecided"),
        (false, true) => ("open", "✗ broken, undecided"),
    };
    Html(format!(r#"<span class="mark {kind}">{word}</span>"#))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Aim: nothing that a scenario says can become markup. Method: the worst text in every place that takes text.
    #[test]
    fn text_stays_text() {
        let bad = "</script><script>alert(1)</script><!-- & \"'";
        let mut page = Page::default();
        page.section("a", "Title", bad);
        page.note(bad);
        page.list(&[bad.to_owned()]);
        page.folded(bad, &Html::text(bad));
        page.add(&table(&[(bad, Column::Words)], &[vec![with_small(&Html::text(bad), bad)]]));
        let head = verdict("kept", bad, bad, &[bad.to_owned()]);
        let json = serde_json::json!({ "name": bad }).to_string();
        let html = page.finish(bad, &head, &json);
        assert!(!html.contains("<script>alert"), "{html}");
        assert_eq!(html.matches("</script>").count(), 2, "that of the data and that of the script");
        let data = html.split("id=\"data\">").nth(1).and_then(|rest| rest.split("</script>").next()).expect("data");
        let read: serde_json::Value = serde_json::from_str(data).expect("still JSON");
        assert_eq!(read["name"], bad);
    }

    #[test]
    fn base64_is_that_of_the_rfc() {
        let pairs =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")];
        for (text, coded) in pairs {
            assert_eq!(base64(text.as_bytes()), coded);
        }
    }

    #[test]
    fn a_page_asks_for_nothing() {
        let html = Page::default().finish("empty", &Html::default(), "{}");
        let html = html.replace("url(data:", "").replace("href=\"data:,\"", "");
        for word in ["http://", "https://", "src=", "href=", "@import", "url("] {
            let found: Vec<&str> = html.lines().filter(|line| line.contains(word)).collect();
            let namespace = "const SVG = \"http://www.w3.org/2000/svg\";";
            assert!(found.iter().all(|line| line.trim() == namespace), "{word}: {found:?}");
        }
    }
}
