//! The grid of a sweep: which values take the place of which fields, as typed: `PATH=1,2,5`.
//!
//! A list of values is split at commas outside of quotes and brackets, so that `[a, b]` is one value. An item of whole
//! numbers may be a range, both ends among them: `1..100`, every seventh with `1..100/7`, powers with `1..100*2`. Paths
//! joined by `+` get the same value.
//! Not here: what paths and values mean, which the scenario tells when it is read.

/// The most cells of a grid.
pub const MAX_CELLS: usize = 1_000;

/// Fields that take the same value, and the values they take in turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Paths of the fields, at least one.
    pub paths: Vec<String>,
    /// Their values as YAML, at least one.
    pub values: Vec<String>,
}

/// All combinations of the values of some axes. The last axis varies fastest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// The axes, at least one.
    pub axes: Vec<Axis>,
}

impl Axis {
    /// Reads `PATH=VALUES`.
    ///
    /// # Errors
    /// Says what is wrong and what to write instead.
    pub fn parse(text: &str) -> Result<Axis, String> {
        let (paths, values) = text
            .split_once('=')
            .ok_or("write PATH=VALUES, such as services.promo.senders[0].count=1,2,5 or ...=1..100/10")?;
        let paths: Vec<String> = split(paths, '+').into_iter().map(str::to_owned).collect();
        if paths.iter().any(String::is_empty) {
            return Err("a path is empty".to_owned());
        }
        let mut list = Vec::new();
        for item in split(values, ',') {
            if item.is_empty() {
                return Err("a value is empty; write `null` for nothing and `''` for an empty text".to_owned());
            }
            match range(item)? {
                Some(numbers) => list.extend(numbers.iter().map(u64::to_string)),
                None => list.push(item.to_owned()),
            }
            if list.len() > MAX_CELLS {
                return Err(format!("there are more than {MAX_CELLS} values: leave some out, as in 1..100/10"));
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        if let Some(twice) = list.iter().find(|value| !seen.insert(value.as_str())) {
            return Err(format!("the value {twice} is there twice"));
        }
        Ok(Axis { paths, values: list })
    }
}

impl Grid {
    /// The grid of some axes. `set` are the paths that have one value in all cells.
    ///
    /// # Errors
    /// When there are too many cells, or a path has two values.
    pub fn new(axes: Vec<Axis>, set: &[&str]) -> Result<Grid, String> {
        let cells = axes.iter().fold(1, |product: usize, axis| product.saturating_mul(axis.values.len()));
        if cells > MAX_CELLS {
            let sizes: Vec<String> = axes.iter().map(|axis| axis.values.len().to_string()).collect();
            return Err(format!("{} make {cells} cells; at most {MAX_CELLS} are run", sizes.join(" x ")));
        }
        let varied = axes.iter().flat_map(|axis| axis.paths.iter().map(String::as_str));
        let mut paths: Vec<&str> = varied.chain(set.iter().copied()).collect();
        paths.sort_unstable();
        if let Some(pair) = paths.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("{} is given twice", pair[0]));
        }
        Ok(Grid { axes })
    }

    /// The values of each cell, one for each axis, in order.
    pub fn cells(&self) -> Vec<Vec<&str>> {
        let mut cells: Vec<Vec<&str>> = vec![Vec::new()];
        for axis in &self.axes {
            let mut longer = Vec::new();
            for cell in &cells {
                longer.extend(axis.values.iter().map(|value| [&cell[..], &[value.as_str()]].concat()));
            }
            cells = longer;
        }
        cells
    }

    /// What replaces what in a cell: pairs of path and value.
    pub fn settings(&self, cell: &[&str]) -> Vec<(String, String)> {
        let pairs = self.axes.iter().zip(cell);
        pairs.flat_map(|(axis, value)| axis.paths.iter().map(|path| (path.clone(), (*value).to_owned()))).collect()
    }
}

/// Splits at a sign that stands outside of quotes and brackets; the pieces are trimmed.
fn split(text: &str, at: char) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut from, mut depth, mut quote, mut before) = (0, 0_usize, None, None);
    for (place, sign) in text.char_indices() {
        match (quote, sign) {
            (Some(open), _) if sign == open => quote = None,
            (Some(_), _) => {}
            // A quote opens a value only at its start: the apostrophe of "it's" does not.
            (None, '"' | '\'') if matches!(before, None | Some('[' | '{' | ',' | ':' | '+' | '.')) => {
                quote = Some(sign)
            }
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth = depth.saturating_sub(1),
            (None, _) if sign == at && depth == 0 => {
                pieces.push(text[from..place].trim());
                from = place + sign.len_utf8();
            }
            (None, _) => {}
        }
        if !sign.is_whitespace() {
            before = Some(sign);
        }
    }
    pieces.push(text[from..].trim());
    pieces
}

/// The numbers of a range; none if the text is no range.
fn range(text: &str) -> Result<Option<Vec<u64>>, String> {
    let Some((first, rest)) = text.split_once("..") else { return Ok(None) };
    let place = rest.find(['/', '*']).unwrap_or(rest.len());
    let (last, by) = rest.split_at(place);
    let whole = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !whole(first) || !whole(last) || !(by.is_empty() || whole(&by[1..])) {
        return Ok(None);
    }
    let number = |text: &str| text.parse::<u64>().map_err(|_| format!("{text} is too large a number"));
    let (first, last) = (number(first)?, number(last)?);
    if first > last {
        return Err(format!("the range {text} ends before it begins"));
    }
    let (add, times) = match by.split_at_checked(1) {
        Some(("*", factor)) => (0, number(factor)?),
        Some((_, step)) => (number(step)?, 1),
        None => (1, 1),
    };
    if add == 0 && (times < 2 || first == 0) {
        return Err(format!("the range {text} never ends: steps are 1 or more, factors 2 or more, from 1 or more"));
    }
    let next = |at: &u64| at.checked_mul(times).and_then(|at| at.checked_add(add)).filter(|at| *at <= last);
    Ok(Some(std::iter::successors(Some(first), next).take(MAX_CELLS + 1).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        Axis::parse(&format!("a={text}")).unwrap_or_else(|error| panic!("{text}: {error}")).values
    }

    #[test]
    fn values_are_lists_and_ranges() {
        assert_eq!(values("1,2, 5"), ["1", "2", "5"]);
        assert_eq!(values("3..6"), ["3", "4", "5", "6"]);
        assert_eq!(values("1..20/7"), ["1", "8", "15"]);
        assert_eq!(values("1..100*3"), ["1", "3", "9", "27", "81"]);
        assert_eq!(values("1..3,10,20..30/10"), ["1", "2", "3", "10", "20", "30"]);
        assert_eq!(values("[a, b],{c: 1, d: 2},'e,f'"), ["[a, b]", "{c: 1, d: 2}", "'e,f'"]);
        assert_eq!(values("it's so,10/s,1..x"), ["it's so", "10/s", "1..x"]);
        assert_eq!(
            values("18446744073709551614..18446744073709551615"),
            ["18446744073709551614", "18446744073709551615"]
        );
    }

    #[test]
    fn joined_paths_share_a_value() {
        let axis = Axis::parse("a.b[0] + \"c+d\".e=1,2").expect("sound");
        assert_eq!(axis.paths, ["a.b[0]", "\"c+d\".e"]);
        let grid = Grid::new(vec![axis, Axis::parse("f=x,y,z").expect("sound")], &["g"]).expect("sound");
        let cells = grid.cells();
        assert_eq!(cells, [["1", "x"], ["1", "y"], ["1", "z"], ["2", "x"], ["2", "y"], ["2", "z"]]);
        let pairs = [("a.b[0]", "2"), ("\"c+d\".e", "2"), ("f", "x")];
        assert_eq!(grid.settings(&cells[3]), pairs.map(|(path, value)| (path.to_owned(), value.to_owned())));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let why = |text: &str| Axis::parse(text).expect_err(text);
        assert!(why("a").contains("PATH=VALUES"));
        assert!(why("=1").contains("path is empty"));
        assert!(why("a+=1").contains("path is empty"));
        assert!(why("a=1,,2").contains("value is empty"));
        assert!(why("a=").contains("value is empty"));
        assert!(why("a=1,2,1").contains("1 is there twice"));
        assert!(why("a=5..1").contains("ends before"));
        assert!(why("a=1..9/0").contains("never ends"));
        assert!(why("a=0..9*2").contains("never ends"));
        assert!(why("a=1..9*1").contains("never ends"));
        assert!(why("a=1..5000").contains("more than 1000"));
        assert!(why("a=1..99999999999999999999").contains("too large"));
        let axis = |text: &str| Axis::parse(text).expect("sound");
        let grid = |texts: &[&str], set: &[&'static str]| Grid::new(texts.iter().map(|text| axis(text)).collect(), set);
        assert_eq!(
            grid(&["a=1..40", "b=1..26"], &[]).expect_err("large"),
            "40 x 26 make 1040 cells; at most 1000 are run"
        );
        assert!(grid(&["a=1..40", "b=1..25"], &[]).is_ok());
        assert_eq!(grid(&["a=1", "b+a=2"], &[]).expect_err("twice"), "a is given twice");
        assert_eq!(grid(&["a=1"], &["a"]).expect_err("twice"), "a is given twice");
    }
}
