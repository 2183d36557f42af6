//! Paths into a document, such as `services.promo.senders[0].mps`.
//!
//! Only the notation lives here: nothing in this file knows what a document holds.
//! A key that contains `.`, `[`, `]`, `"`, a backslash, white space or control characters, and
//! the empty key, is written in double quotes: `overrides."a.b"`.

use std::fmt::Write as _;

/// One step from a node to its child.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// The value under this key of a mapping.
    Key(String),
    /// The element of a list, counted from 0.
    Index(usize),
}

/// The path of key `key` below `parent`; the empty parent is the root.
pub fn key(parent: &str, key: &str) -> String {
    let mut path = parent.to_owned();
    push_segment(&mut path, &Segment::Key(key.to_owned()));
    path
}

/// The path of list element `index` (from 0) below `parent`.
pub fn index(parent: &str, index: usize) -> String {
    format!("{parent}[{index}]")
}

/// Writes segments in the notation that [`parse`] reads; the root is the empty string.
pub fn format(segments: &[Segment]) -> String {
    let mut path = String::new();
    for segment in segments {
        push_segment(&mut path, segment);
    }
    path
}

fn push_segment(path: &mut String, segment: &Segment) {
    match segment {
        Segment::Index(index) => {
            write!(path, "[{index}]").expect("writing to a String cannot fail");
        }
        Segment::Key(key) => {
            if !path.is_empty() {
                path.push('.');
            }
            push_key(path, key);
        }
    }
}

fn push_key(path: &mut String, key: &str) {
    if !key.is_empty() && !key.chars().any(needs_quotes) {
        path.push_str(key);
        return;
    }
    path.push('"');
    for c in key.chars() {
        if matches!(c, '"' | '\\') {
            path.push('\\');
        }
        path.push(c);
    }
    path.push('"');
}

fn needs_quotes(c: char) -> bool {
    matches!(c, '.' | '[' | ']' | '"' | '\\') || c.is_whitespace() || c.is_control()
}

/// Reads the notation written by [`format()`].
///
/// # Errors
/// Says in plain words what is wrong with the path.
pub fn parse(path: &str) -> Result<Vec<Segment>, String> {
    let mut segments = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(tail) = rest.strip_prefix('[') {
            let (digits, tail) =
                tail.split_once(']').ok_or_else(|| format!("`[` is not closed in the path `{path}`"))?;
            let index = digits.parse().map_err(|_| format!("`[{digits}]` is not a list position in `{path}`"))?;
            segments.push(Segment::Index(index));
            rest = tail;
            continue;
        }
        if !segments.is_empty() {
            rest = rest.strip_prefix('.').ok_or_else(|| format!("expected `.` or `[` before `{rest}` in `{path}`"))?;
        }
        let (key, tail) = take_key(rest, path)?;
        segments.push(Segment::Key(key));
        rest = tail;
    }
    Ok(segments)
}

fn take_key<'a>(rest: &'a str, path: &str) -> Result<(String, &'a str), String> {
    if let Some(quoted) = rest.strip_prefix('"') {
        return take_quoted(quoted).ok_or_else(|| format!("a quote is not closed in `{path}`"));
    }
    let end = rest.find(['.', '[', ']', '"']).unwrap_or(rest.len());
    if end == 0 {
        return Err(format!("a key is missing in the path `{path}`"));
    }
    Ok((rest[..end].to_owned(), &rest[end..]))
}

fn take_quoted(text: &str) -> Option<(String, &str)> {
    let mut key = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((key, &text[at + 1..])),
            '\\' => key.push(chars.next()?.1),
            _ => key.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths_are_read() {
        let expected = vec![
            Segment::Key("services".into()),
            Segment::Key("us/t-mobile".into()),
            Segment::Index(12),
            Segment::Key("mps".into()),
        ];
        assert_eq!(parse("services.us/t-mobile[12].mps"), Ok(expected));
        assert_eq!(parse(""), Ok(vec![]));
    }

    #[test]
    fn odd_keys_survive_the_round_trip() {
        for odd in ["a.b", "", "a\"b", "back\\slash", "[0]", "two words", "ü"] {
            let path = index(&key(&key("root", odd), "x"), 3);
            let segments = parse(&path).expect("own notation is readable");
            assert_eq!(segments[1], Segment::Key(odd.to_owned()), "{path}");
            assert_eq!(format(&segments), path);
        }
    }

    #[test]
    fn wrong_paths_are_refused() {
        for wrong in ["a..b", ".a", "a[", "a[x]", "a[-1]", "a]", "\"a", "a[0]b", "a."] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
