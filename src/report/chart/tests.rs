//! The charts as files: well formed, complete, the same each time, and whole with odd data.

use super::*;

fn percentile_chart() -> PercentileChart {
    let curve = |label: &str, seconds: [f64; 6]| Curve {
        label: label.to_owned(),
        points: [0.0, 0.5, 0.9, 0.99, 0.999, 0.9999].into_iter().zip(seconds).collect(),
        intervals: vec![(0.5, seconds[1] * 0.9, seconds[1] * 1.1)],
    };
    PercentileChart {
        title: "Waits of <A> & \"B\"".to_owned(),
        subtitle: "three campaigns".to_owned(),
        curves: vec![
            curve("blast", [0.5, 300.0, 900.0, 1_800.0, 2_300.0, 2_400.0]),
            curve("alerts", [1.0, 2.0, 8.0, 20.0, 60.0, 90.0]),
            curve("codes", [0.5, 0.6, 0.9, 1.4, 2.0, 3.0]),
        ],
        limit_lines: vec![(2_700.0, "p(95) < 45 min".to_owned())],
    }
}

fn backlog_chart() -> TimeChart {
    let points = vec![(0.0, 0.0), (600.0, 940_000.0), (10_000.0, 0.0)];
    TimeChart {
        title: "Backlog of the blast".to_owned(),
        subtitle: "median of 20 replications".to_owned(),
        quantity: TimeQuantity::Backlog,
        limits: vec![(900_000.0, "what the queue holds".to_owned())],
        start: CalendarStart {
            seconds_of_day: 12 * 3_600,
            date: "2026-11-27".to_owned(),
            zone: "UTC-05:00".to_owned(),
        },
        lines: vec![TimeLine {
            label: "short code".to_owned(),
            band: Some(points.iter().map(|&(t, n)| (t, n * 0.9, n * 1.1)).collect()),
            points,
        }],
        drain: Some((10_000.0, "drained 14:46:40".to_owned())),
        markers: vec![(600.0, "last message".to_owned())],
    }
}

/// The texts of an SVG, which must be well-formed XML.
fn texts(svg: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(svg).expect("the SVG is well-formed XML");
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "svg");
    assert!(root.attribute("viewBox").is_some());
    document
        .descendants()
        .filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text")))
        .map(|node| {
            assert_eq!(node.attribute("font-family"), Some("Noto Sans, sans-serif"));
            node.text().unwrap_or_default().trim().to_owned()
        })
        .collect()
}

fn assert_says(svg: &str, expected: &[&str]) {
    let texts = texts(svg);
    for &text in expected {
        assert!(texts.iter().any(|t| t == text), "{text} is not in {texts:?}");
    }
}

/// The pixels of a PNG of the usual size as bytes of red, green and blue.
fn decode(png: &[u8]) -> Vec<u8> {
    let (width, height, pixels) = decode_any(png);
    assert_eq!((width, height), (1_600, 900));
    pixels
}

/// Width, height and pixels of a PNG.
fn decode_any(png: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a PNG opens with its header");
    let size = reader.output_buffer_size().expect("the image fits memory");
    let mut pixels = vec![0; size];
    let info = reader.next_frame(&mut pixels).expect("the image is whole");
    assert_eq!(info.color_type, png::ColorType::Rgb);
    (info.width, info.height, pixels)
}

fn has_color(pixels: &[u8], color: [u8; 3]) -> bool {
    pixels.chunks_exact(3).filter(|p| **p == color).count() > 200
}

#[test]
fn the_same_chart_gives_the_same_bytes() {
    let (one, two) = (Chart::Percentile(percentile_chart()), Chart::Percentile(percentile_chart()));
    assert_eq!(one.svg(), two.svg());
    assert_eq!(one.png(), two.png());
    let (one, two) = (Chart::Time(backlog_chart()), Chart::Time(backlog_chart()));
    assert_eq!(one.svg(), two.svg());
    assert_eq!(one.png(), two.png());
    assert_ne!(Chart::Percentile(percentile_chart()).svg(), Chart::Time(backlog_chart()).svg());
}

#[test]
fn a_percentile_chart_says_what_it_shows() {
    let expected = [
        "Waits of <A> & \"B\"",
        "three campaigns",
        "Time (log scale)",
        "Percentile of messages",
        "1 s",
        "10 s",
        "1 min",
        "10 min",
        "1 h",
        "0%",
        "50%",
        "90%",
        "95%",
        "99%",
        "99.9%",
        "99.99%",
        "blast",
        "alerts",
        "codes",
        "p(95) < 45 min",
    ];
    assert_says(&Chart::Percentile(percentile_chart()).svg(), &expected);
}

#[test]
fn a_backlog_chart_says_what_it_shows() {
    let expected = [
        "Backlog of the blast",
        "median of 20 replications",
        "Backlog (segments)",
        "Local time on 2026-11-27 (UTC-05:00)",
        "0",
        "0.2M",
        "1.0M",
        "12:00",
        "12:30",
        "14:30",
        "short code",
        "drained 14:46:40",
        "last message",
        "what the queue holds",
    ];
    assert_says(&Chart::Time(backlog_chart()).svg(), &expected);
}

#[test]
fn the_drain_is_marked_at_its_instant() {
    // 10,000 s of 10,200 s on the axis; the curve ends at the same x as the dashed line stands.
    let svg = Chart::Time(TimeChart { limits: Vec::new(), ..backlog_chart() }).svg();
    let document = roxmltree::Document::parse(&svg).expect("the SVG is well-formed XML");
    let paths: Vec<(&str, &str)> = document
        .descendants()
        .filter(|node| node.tag_name().name() == "polyline")
        .filter_map(|node| Some((node.attribute("stroke")?, node.attribute("points")?)))
        .collect();
    let x = |points: &str, i: usize| points.split_whitespace().nth(i).map(|p| p.split(',').next().map(str::to_owned));
    let (_, curve) = paths.iter().rfind(|(stroke, _)| *stroke == "#0072B2").expect("a curve");
    let dashes: Vec<_> = paths.iter().filter(|(stroke, _)| *stroke == "#21252B").collect();
    assert!(dashes.len() > 10, "the line is dashed");
    assert!(dashes.iter().all(|(_, points)| x(points, 0) == x(curve, 2)));
}

#[test]
fn the_png_shows_the_chart() {
    let pixels = decode(&Chart::Percentile(percentile_chart()).png());
    for series in 0..3 {
        let (r, g, b) = page::color(series);
        assert!(has_color(&pixels, [r, g, b]), "series {series}");
    }
    let pixels = decode(&Chart::Time(backlog_chart()).png());
    assert!(has_color(&pixels, [0, 114, 178]), "the line");
    // A fifth of blue over white: 255 - (255 - 0) / 5 and so on.
    let band = |p: &[u8]| p[0].abs_diff(204) < 2 && p[1].abs_diff(226) < 3 && p[2].abs_diff(239) < 3;
    assert!(pixels.chunks_exact(3).filter(|p| band(p)).count() > 5_000, "the band");
}

#[test]
fn eight_series_have_eight_colours() {
    let mut colors: Vec<_> = (0..8).map(page::color).collect();
    colors.sort_unstable();
    colors.dedup();
    assert_eq!(colors.len(), 8);
}

#[test]
fn nothing_to_show_is_said() {
    let empty_line = TimeChart {
        lines: vec![TimeLine::default()],
        drain: Some((1.0, "drained".to_owned())),
        ..TimeChart::default()
    };
    let empty_bars = BarsChart {
        title: "empty".to_owned(),
        subtitle: String::new(),
        x_title: String::new(),
        quantity: Quantity::Count,
        parts: vec!["part".to_owned()],
        rows: vec![BarsRow { label: "row".to_owned(), values: vec![0.0], text: "0".to_owned() }],
    };
    let nothing = || Chart::Percentile(PercentileChart::default());
    for chart in [nothing(), Chart::Time(TimeChart::default()), Chart::Time(empty_line), Chart::Bars(empty_bars)] {
        assert_says(&chart.svg(), &["no data"]);
        roxmltree::Document::parse(&chart.inline("a").svg).expect("well-formed");
    }
    let pixels = decode(&nothing().png());
    assert!(pixels.iter().any(|&byte| byte < 128), "the text is drawn");
}

#[test]
fn odd_percentiles_are_drawn() {
    let day = 86_400.0;
    let cases: [&[(f64, f64)]; 8] = [
        &[(0.5, 3.0)],
        &[(1.0, 3.0)],
        &[(0.0, 0.0), (0.5, 0.0), (1.0, 0.0)],
        &[(0.0, 1e-6), (0.999_99, 30.0 * day)],
        &[(0.0, 0.0), (0.9, 1e-9), (0.999_999_999_999, 30.0 * day)],
        &[(0.0, 1e-6), (0.5, 1e-6)],
        &[(0.0, f64::NAN), (f64::INFINITY, 1.0), (0.5, 2.0)],
        &[(-1.0, -5.0), (2.0, 5.0)],
    ];
    for points in cases {
        for limits in [vec![], vec![(0.0, "0 s".to_owned()), (400.0 * day, "400 d".to_owned())]] {
            let chart = PercentileChart {
                title: "odd".to_owned(),
                curves: vec![
                    Curve {
                        label: "odd curve".to_owned(),
                        points: points.to_vec(),
                        intervals: vec![(0.5, 1.0, f64::INFINITY), (0.9, f64::NAN, 2.0), (0.9, 0.0, 2.0)],
                    };
                    9
                ],
                limit_lines: limits,
                ..PercentileChart::default()
            };
            let chart = Chart::Percentile(chart);
            let svg = chart.svg();
            roxmltree::Document::parse(&chart.inline("a").svg).expect("well-formed");
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{points:?}");
            assert_says(&svg, &["odd", "odd curve", "0%"]);
        }
    }
}

#[test]
fn odd_backlogs_are_drawn() {
    let cases: [&[(f64, f64)]; 6] = [
        &[(0.0, 0.0)],
        &[(0.0, 7.0)],
        &[(0.0, 0.0), (10.0, 0.0)],
        &[(0.0, 1.0), (1e-6, 0.0)],
        &[(0.0, 5e9), (30.0 * 86_400.0, 0.0)],
        &[(f64::NAN, 1.0), (-1.0, -1.0), (3.0, 2.0)],
    ];
    for points in cases {
        let chart = TimeChart {
            title: "odd".to_owned(),
            lines: vec![
                TimeLine {
                    label: "odd line".to_owned(),
                    points: points.to_vec(),
                    band: Some(vec![(0.0, 0.0, f64::NAN), (1.0, 0.0, 1.0)]),
                };
                9
            ],
            drain: Some((0.0, "drained at once".to_owned())),
            markers: vec![(f64::NAN, "never".to_owned()), (5.0, "a long label ".repeat(20))],
            ..TimeChart::default()
        };
        let chart = Chart::Time(chart);
        let svg = chart.svg();
        roxmltree::Document::parse(&chart.inline("a").svg).expect("well-formed");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{points:?}");
        assert_says(&svg, &["odd", "odd line", "drained at once"]);
    }
}

#[test]
fn all_text_stays_on_the_page() {
    let long = "a name that goes on and on ".repeat(12);
    let mut chart = percentile_chart();
    chart.title = long.clone();
    chart.subtitle = long.clone();
    chart.curves[0].label = long.clone();
    chart.limit_lines[0].1 = long;
    for scene in [percentile::scene(&chart), percentile::scene(&percentile_chart()), time::scene(&backlog_chart())] {
        for item in &scene.items {
            let scene::Item::Text { at, text, size, weight, align, .. } = item else {
                continue;
            };
            let width = text::width(text, *size, *weight);
            let left = match align {
                scene::Align::Left => at.0,
                scene::Align::Center => at.0 - width / 2.0,
                scene::Align::Right => at.0 - width,
            };
            assert!(left >= 0.0 && left + width <= scene::WIDTH, "{text}");
            assert!(at.1 - size >= 0.0 && at.1 <= scene::HEIGHT, "{text}");
        }
    }
}

#[test]
fn a_long_line_stays_small() {
    let mut chart = backlog_chart();
    chart.limits.clear();
    chart.lines[0].points = (0..=20_000).map(|i| (f64::from(i) * 0.5, f64::from(20_000 - i) * 47.0)).collect();
    assert!(Chart::Time(chart).svg().len() < 20_000, "a straight line needs two points");
}

fn curves_chart() -> CurvesChart {
    let curve = |label: &str, points: [f64; 4]| VariedCurve {
        label: label.to_owned(),
        points: points.map(Some).into(),
        bands: points.map(|value| Some((value * 0.9, value * 1.1))).into(),
        rings: Vec::new(),
    };
    let panel = |title: &str, quantity, scale: f64| CurvesPanel {
        title: title.to_owned(),
        quantity,
        curves: vec![
            curve("long <codes>", [0.3, 0.9, 0.5, 0.1].map(|part| part * scale)),
            curve("short code", [0.95 * scale; 4]),
        ],
        mark_highest: true,
    };
    CurvesChart {
        title: "Numbers & rates".to_owned(),
        subtitle: "four cells".to_owned(),
        x_title: "numbers in the pool".to_owned(),
        values: ["1", "3", "10", "100"].map(str::to_owned).into(),
        panels: vec![
            panel("Delivered", Quantity::Count, 20_000.0),
            panel("Lost", Quantity::Share, 1.0),
            panel("Drain", Quantity::Seconds, 14_400.0),
        ],
    }
}

#[test]
fn curves_say_what_was_varied_and_where_they_are_highest() {
    let chart = curves_chart();
    let drawn = |chart: &CurvesChart| Chart::Curves(chart.clone());
    let svg = drawn(&chart).svg();
    assert_says(&svg, &["Numbers & rates", "numbers in the pool", "1", "3", "10", "100", "Delivered", "Lost"]);
    assert_says(&svg, &["Drain (h)", "18,000 at 3", "90 % at 3", "3 h 36 min at 3", "80%", "20,000"]);
    let legend = |svg: &str| texts(svg).iter().filter(|text| *text == "short code").count();
    assert_eq!(legend(&svg), 1, "one legend for panels of the same curves");
    let mut other = chart.clone();
    other.panels[1].curves[0].label = "30007".to_owned();
    assert_eq!(legend(&drawn(&other).svg()), 3, "else each panel has its own");
    assert_eq!(svg, drawn(&chart).svg());
    let (width, height, pixels) = decode_any(&drawn(&chart).png());
    assert_eq!((width, height), (1_600, 2 * (88 + 2 * 250 + 22)), "as tall as two rows of panels");
    assert!(has_color(&pixels, [0, 114, 178]) && has_color(&pixels, [213, 94, 0]));
}

#[test]
fn curves_survive_odd_data() {
    let mut chart = curves_chart();
    for curve in chart.panels.iter_mut().flat_map(|panel| &mut panel.curves) {
        curve.points[1] = None;
        curve.bands[1] = None;
    }
    texts(&Chart::Curves(chart.clone()).svg());
    chart.panels[0].curves.iter_mut().for_each(|curve| curve.points = vec![None; 4]);
    chart.panels[1].curves.clear();
    texts(&Chart::Curves(chart.clone()).svg());
    chart.values.truncate(1);
    chart.panels.truncate(1);
    chart.panels[0].curves =
        vec![VariedCurve { label: "one".to_owned(), points: vec![Some(0.0)], ..VariedCurve::default() }];
    texts(&Chart::Curves(chart.clone()).svg());
    chart.panels.clear();
    texts(&Chart::Curves(chart.clone()).svg());
}

#[test]
fn a_heat_map_has_a_field_for_each_pair_and_frames_the_best() {
    let values: Vec<Option<f64>> = (0..6).map(|index| (index != 4).then_some(f64::from(index))).collect();
    let text = |value: &Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value} s"));
    let chart = HeatChart {
        title: "Rates by numbers".to_owned(),
        subtitle: "six cells".to_owned(),
        x_title: "rate".to_owned(),
        y_title: "numbers".to_owned(),
        columns: ["10/s", "20/s", "30/s"].map(str::to_owned).into(),
        rows: ["few", "many"].map(str::to_owned).into(),
        panels: vec![HeatPanel {
            title: "Drain".to_owned(),
            texts: values.iter().map(text).collect(),
            values,
            darkest: None,
        }],
        best: Some((2, 1)),
        is_linear: false,
    };
    let chart = Chart::Heat(chart);
    let svg = chart.svg();
    assert_says(&svg, &["Drain", "across: rate; down: numbers", "10/s", "30/s", "few", "many", "0 s", "5 s", "-"]);
    let document = roxmltree::Document::parse(&svg).expect("well-formed");
    let fields = document.descendants().filter(|node| node.tag_name().name() == "polygon").count();
    assert_eq!(fields, 6);
    assert!(svg.contains("#D55E00"), "the best field is framed");
    let (_, _, pixels) = decode_any(&chart.png());
    // 7 % of the darkest over white: 255 - 0.07 * (255 - 0) and so on.
    let lightest = |p: &[u8]| p[0].abs_diff(237) < 3 && p[1].abs_diff(241) < 3 && p[2].abs_diff(245) < 3;
    assert!(pixels.chunks_exact(3).filter(|p| lightest(p)).count() > 5_000, "the lightest");
    assert!(has_color(&pixels, [0, 60, 110]), "the darkest");
}

/// Aim: a shade means the same in every map that says so, and says what. Method: half of what the darkest stands for has half
/// of the way from the lightest to it, and its label is there; panels over time stand one below the other.
#[test]
fn a_scale_of_shades_holds_whatever_the_values() {
    let panel = |title: &str, most: f64, label: &str| HeatPanel {
        title: title.to_owned(),
        values: vec![Some(0.5), None, Some(0.25), Some(0.1)],
        texts: vec![String::new(); 4],
        darkest: Some((most, label.to_owned())),
    };
    let chart = Chart::Heat(HeatChart {
        title: "Busy".to_owned(),
        subtitle: String::new(),
        x_title: "time".to_owned(),
        y_title: "senders".to_owned(),
        columns: vec!["12:00".to_owned(), String::new()],
        rows: vec!["a".to_owned(), "b".to_owned()],
        panels: vec![panel("Share", 1.0, "100 %"), panel("Waiting", 0.5, "half")],
        best: None,
        is_linear: true,
    });
    assert_says(&chart.svg(), &["Share", "Waiting", "0", "100 %", "half", "12:00", "a", "b"]);
    let inline = chart.inline("busy").svg;
    let document = roxmltree::Document::parse(&inline).expect("well-formed");
    let fields = document.descendants().filter(|node| node.has_tag_name("polygon"));
    let fields = fields.filter(|node| node.parent().is_some_and(|parent| parent.has_tag_name("g")));
    let opacity =
        |node: roxmltree::Node| node.attribute("fill-opacity").map_or(1.0, |text| text.parse().expect("a number"));
    let found: Vec<f64> = fields.map(opacity).collect();
    let expected = [0.5, 0.25, 0.1, 1.0, 0.5, 0.2].map(|share| 0.07 + 0.93 * share);
    assert_eq!(found.len(), expected.len());
    assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 0.006), "{found:?} {expected:?}");
}

/// Aim: rings are drawn where they are asked for, and told. Method: a ring above its curve is in the range of the axis, and
/// its label is written.
#[test]
fn rings_stand_where_they_should() {
    let mut chart = curves_chart();
    chart.panels.truncate(1);
    chart.panels[0].mark_highest = false;
    let ring = |at: usize, value: f64| Ring { at, value, label: format!("run: {value}") };
    chart.panels[0].curves[0].rings = vec![ring(3, 2_000.0), ring(1, 36_000.0)];
    let drawn = Chart::Curves(chart).inline("rings").svg;
    let document = roxmltree::Document::parse(&drawn).expect("well-formed");
    let number = |node: &roxmltree::Node, name: &str| {
        node.attribute(name).and_then(|text| text.parse::<f64>().ok()).expect("a number")
    };
    let circles = document.descendants().filter(|node| node.has_tag_name("circle"));
    let rings: Vec<(f64, f64)> =
        circles.filter(|node| number(node, "r") > 5.0).map(|node| (number(&node, "cx"), number(&node, "cy"))).collect();
    // The curve's first point is 6,000 and its last 2,000: a ring on the last stands on its dot, the other 17 times higher.
    let dots = document.descendants().filter(|node| node.has_tag_name("circle") && number(node, "r") == 2.4);
    let dots: Vec<(f64, f64)> = dots.map(|node| (number(&node, "cx"), number(&node, "cy"))).collect();
    assert_eq!(rings[0], dots[3]);
    let unit = (dots[3].1 - dots[0].1) / 4_000.0;
    assert!((dots[3].1 - rings[1].1 - 34_000.0 * unit).abs() < 1.0, "{rings:?} {dots:?}");
    assert!(drawn.contains(">run: 2000<") && drawn.contains(">run: 36000<"));
}

/// Aim: the parts of a bar add up, and no part that is there vanishes. Method: the corners in the SVG against the axis.
#[test]
fn bars_are_as_long_as_their_values() {
    let row = |label: &str, values: [f64; 2]| BarsRow {
        label: label.to_owned(),
        values: values.into(),
        text: format!("{} in all", values[0] + values[1]),
    };
    let chart = Chart::Bars(BarsChart {
        title: "Lost by carrier".to_owned(),
        subtitle: "two".to_owned(),
        x_title: "messages".to_owned(),
        quantity: Quantity::Count,
        parts: vec!["filtered".to_owned(), "expired".to_owned()],
        rows: vec![row("us/att", [300.0, 100.0]), row("us/t-mobile", [200.0, 0.0])],
    });
    let inline = chart.inline("bars").svg;
    let document = roxmltree::Document::parse(&inline).expect("well-formed");
    let bars: Vec<(String, f64)> = document
        .descendants()
        .filter(|node| node.tag_name().name() == "polygon")
        .filter_map(|node| {
            let tip = node.parent()?.descendants().find(|child| child.has_tag_name("title"))?.text()?.to_owned();
            let xs: Vec<f64> = node
                .attribute("points")?
                .split(' ')
                .filter_map(|point| point.split(',').next()?.parse().ok())
                .collect();
            Some((tip, xs.iter().copied().fold(0.0, f64::max) - xs.iter().copied().fold(f64::INFINITY, f64::min)))
        })
        .collect();
    let tips: Vec<&str> = bars.iter().map(|(tip, _)| tip.as_str()).collect();
    assert_eq!(tips, ["us/att: filtered, 300", "us/att: expired, 100", "us/t-mobile: filtered, 200"]);
    let unit = bars[0].1 / 300.0;
    assert!((bars[1].1 - 100.0 * unit).abs() < 0.5 && (bars[2].1 - 200.0 * unit).abs() < 0.5, "{bars:?}");
    assert_says(&chart.svg(), &["us/att", "400 in all", "filtered", "0", "200", "400"]);
}

/// Aim: what a pointer is told is what the curve shows. Method: values worked out by hand from the points.
#[test]
fn a_pointer_is_told_the_values() {
    let data = Chart::Time(backlog_chart()).inline("a").data;
    let (at, text) = (&data["at"], &data["series"][0]["text"]);
    // 10,200 s in 150 steps of 68 s: the ninth step is at 612 s, past the second point at 600 s; the band is a tenth wide.
    assert_eq!((at[0].as_str(), text[0].as_str()), (Some("12:00:00"), Some("0 segments")));
    assert_eq!((at[9].as_str(), text[9].as_str()), (Some("12:10:12"), Some("940,000 segments (846,000 to 1,034,000)")));
    assert_eq!(data["series"][0]["text"][150], serde_json::Value::Null, "beyond the last point");
    let data = Chart::Percentile(percentile_chart()).inline("a").data;
    let places = data["at"].as_array().expect("places");
    let ninety = places.iter().position(|at| at == "90 % of messages").expect("a quarter of four nines");
    assert_eq!(data["series"][0]["text"][ninety], "15 min");
    assert_eq!(data["series"][2]["name"], "codes");
}
