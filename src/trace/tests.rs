//! Traces by hand: each record's fate is known, each line number counted by eye; then inputs broken by chance.

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;
use crate::kernel::philox;
use crate::model::encoding::Encoding;
use crate::model::reply_word::ReplyWord;
use crate::model::sender::SenderType;
use crate::units::{Money, SimDuration, SimTime};

fn trace(text: &str) -> Trace {
    read(Cursor::new(text), "test").unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn error(bytes: &[u8]) -> String {
    read(Cursor::new(bytes), "test").expect_err("it cannot be read").to_string()
}

fn rejections(trace: &Trace) -> Vec<String> {
    trace.account.rejections.iter().map(ToString::to_string).collect()
}

fn s(seconds: f64) -> SimTime {
    SimTime::from_nanos((seconds * 1e9) as u64)
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// The platform's CSV export: quoted, newest first, one inbound.
const LOG: &str = "\
From,To,Body,Status,SentDate,DateCreated,DateUpdated,NumSegments,Price,PriceUnit,ErrorCode,Sid,Direction,MessagingServiceSid
+14155550100,+447700900123,\"Second, with a comma\",undelivered,2026-03-02T09:00:12Z,2026-03-02T09:00:10Z,2026-03-02T09:00:15Z,1,-0.04,USD,30003,SM3,outbound-api,MG1
+12125550199,+14155550100,Stop ,received,2026-03-02T09:00:07Z,2026-03-02T09:00:07Z,2026-03-02T09:00:07Z,1,-0.0079,USD,,SM2,inbound,MG1
+14155550100,+12125550199,\"First
of two lines\",delivered,2026-03-02T09:00:01Z,2026-03-02T09:00:00Z,2026-03-02T09:00:03Z,2,-0.0158,USD,,SM1,outbound-api,MG1
";

#[test]
fn a_plain_trace_is_read() {
    let text = "time,to,country,carrier,segments,campaign\n\
                0,+12125550199,,us/verizon,1,sale\n\
                0.25,+14165550123,,,2,sale\n\
                1.000000001,,FR,fr/orange,3,news\n\
                2,,france,,,news\n";
    let trace = trace(text);
    assert_eq!(trace.account, Account { records: 4, ..Account::default() });
    assert_eq!((trace.form, trace.start), (Form::Csv, None));
    let at: Vec<u64> = trace.rows.iter().map(|row| row.at.as_nanos()).collect();
    assert_eq!(at, [0, 250_000_000, 1_000_000_001, 2_000_000_000]);
    let countries: Vec<String> = trace.rows.iter().map(|row| row.country().unwrap().to_string()).collect();
    assert_eq!(countries, ["US", "CA", "FR", "FR"]);
    let carriers: Vec<Option<&str>> = trace.rows.iter().map(|row| trace.carrier(row)).collect();
    assert_eq!(carriers, [Some("us/verizon"), None, Some("fr/orange"), None]);
    let segments: Vec<Option<u8>> = trace.rows.iter().map(Row::segments).collect();
    assert_eq!(segments, [Some(1), Some(2), Some(3), None]);
    let campaigns: Vec<Option<&str>> = trace.rows.iter().map(|row| trace.campaign(row)).collect();
    assert_eq!(campaigns, [Some("sale"), Some("sale"), Some("news"), Some("news")]);
    assert!(trace.rows[0].person().is_some() && trace.rows[3].person().is_none());
    assert_eq!(trace.span(), SimDuration::from_secs(2));
}

/// A trace that begins 5 s after its own start keeps the 5 s; Unix time begins with the first row.
#[test]
fn seconds_count_from_the_start_and_dates_from_the_first_row() {
    assert_eq!(trace("time\n5\n7.5\n").rows[0].at, s(5.0));
    let unix = trace("time\n1772442000.5\n1772442001\n");
    assert_eq!(unix.rows[1].at, s(0.5));
    assert_eq!(unix.start.unwrap().to_string(), "2026-03-02T09:00:00.5Z");
    for written in [
        "2026-03-02T09:00:00.5Z",
        "2026-03-02 09:00:00.5Z",
        "2026-03-02 09:00:00.5 UTC",
        "2026-03-02T04:00:00.5-05:00",
        "2026-03-02T04:00:00.5-05:00[America/New_York]",
    ] {
        assert_eq!(trace(&format!("time\n{written}\n")).start, unix.start, "{written}");
    }
    let mail = trace("Time\n\"Mon, 02 Mar 2026 04:00:00 -0500\"\n\"Mon, 02 Mar 2026 09:00:01 GMT\"\n");
    assert_eq!((mail.start.unwrap().to_string().as_str(), mail.rows[1].at), ("2026-03-02T09:00:00Z", s(1.0)));
}

#[test]
fn the_platforms_log_is_read() {
    let trace = trace(LOG);
    assert_eq!(trace.account.records, 3);
    assert_eq!((trace.rows.len(), trace.replies.len(), trace.account.rejected), (2, 1, 0));
    assert_eq!(trace.account.out_of_order, 2, "newest first");
    let [first, second] = trace.rows[..] else { panic!() };
    assert_eq!((first.at, second.at), (s(0.0), s(10.0)));
    assert_eq!(trace.start.unwrap().to_string(), "2026-03-02T09:00:00Z");
    assert_eq!((first.sent(), first.created()), (Some(s(1.0)), Some(s(0.0))));
    assert_eq!(first.sent_to_updated(), Some(SimDuration::from_secs(2)));
    assert_eq!((first.segments(), first.status()), (Some(2), Some(Status::Delivered)));
    assert_eq!(first.price(), Some("0.0158".parse::<Money>().unwrap()));
    assert_eq!((trace.code(&first), trace.code(&second)), (None, Some(30003)));
    assert_eq!(second.body(), Some(Body { encoding: Encoding::Gsm7, characters: 20 }));
    assert_eq!([first, second].map(|row| row.country().unwrap().to_string()), ["US", "GB"]);
    let sender = trace.sender(&first).unwrap();
    assert_eq!((sender.id.as_str(), sender.kind), ("+14155550100", Some(SenderType::LongCode)));
    assert_eq!(trace.replies[0], Reply { at: s(7.0), person: first.person(), word: ReplyWord::Stop });
    assert_eq!(trace.price_unit.as_deref(), Some("USD"));
}

/// Aim: the kinds of input say the same. Method: one log written as CSV in other words, as list, as page and as lines,
/// packed or not, is the same trace.
#[test]
fn all_forms_of_one_log_are_one_trace() {
    let first = r#"{"sid": "SM1", "from": "+14155550100", "to": "+12125550199", "body": "First\nof two lines", "status": "delivered",
      "date_sent": "Mon, 02 Mar 2026 09:00:01 +0000", "date_created": "Mon, 02 Mar 2026 09:00:00 +0000",
      "date_updated": "Mon, 02 Mar 2026 09:00:03 +0000", "num_segments": "2", "price": "-0.01580", "price_unit": "USD",
      "error_code": null, "error_message": null, "direction": "outbound-api", "subresource_uris": {"media": "/a[}{"}}"#;
    let reply = r#"{"from": "+12125550199", "to": "+14155550100", "body": "Stop ", "status": "received", "direction": "inbound",
      "date_created": "Mon, 02 Mar 2026 09:00:07 +0000", "date_sent": "Mon, 02 Mar 2026 09:00:07 +0000"}"#;
    let second = r#"{"from": "+14155550100", "to": "+447700900123", "body": "Second, with a comma", "status": "undelivered",
      "date_sent": "Mon, 02 Mar 2026 09:00:12 +0000", "date_created": "Mon, 02 Mar 2026 09:00:10 +0000",
      "date_updated": "Mon, 02 Mar 2026 09:00:15 +0000", "num_segments": 1, "price": -0.04, "price_unit": "USD",
      "error_code": 30003, "direction": "outbound-api"}"#;
    let line = |text: &str| text.replace("\n      ", " ");
    let forms = [
        LOG.replace("NumSegments", "num segments").replace("SentDate", "DATE_SENT").replace('\n', "\r\n"),
        LOG.replace("Body", "body")
            .replace("Second, with a comma", "Second; with a comma")
            .replace(',', ";")
            .replace("Second;", "Second,"),
        format!("[{second}, {reply},\n{first}]\n"),
        format!("{{\"uri\": \"/x\", \"messages\" : [{second}, {reply}, {first}], \"page\": [0, {{\"a\": 1}}]}}"),
        format!("{{\"messages\":[{second}]}}\n{{\"end\": 3, \"messages\":[{reply},{first}]}}\n"),
        format!("{}\n{}\n{}\n", line(second), line(reply), line(first)),
        format!("{second}\n{reply}\n\n{first}"),
    ];
    let expected = trace(LOG);
    for form in &forms {
        for bytes in [form.as_bytes().to_vec(), packed(form.as_bytes()), [b"\xef\xbb\xbf", form.as_bytes()].concat()] {
            let found = read(Cursor::new(bytes), "test").unwrap_or_else(|error| panic!("{error}\n{form}"));
            assert_eq!(found.rows.len(), 2, "{form}\n{:?}", found.account);
            // The length of the body with `\r\n` in it is another.
            if !form.contains('\r') {
                assert_eq!(found.rows, expected.rows, "{form}");
            }
            assert_eq!(found.replies, expected.replies, "{form}");
            assert_eq!(found.start, expected.start, "{form}");
            assert_eq!(found.account.rejected, 0, "{form}");
        }
    }
}

/// This program's own records: intended, then accepted, sent and updated, in microseconds.
#[test]
fn own_records_count_from_the_intended_time() {
    let trace = trace(
        "sid,direction,campaign,from,to,recipient,country,carrier,sender,sender_type,status,error_code,num_segments,\
         date_created,date_sent,date_updated,price,price_unit,tags,intended,lane_wait_seconds\n\
         SM1,outbound-api,otp,12345,+12125550199,login/1,US,us/t-mobile,codes,short_code,delivered,,1,\
         2026-03-02T09:00:00.500000Z,2026-03-02T09:00:00.750000Z,2026-03-02T09:00:03.000000Z,-0.0079,USD,\"{\"\"a\"\":\"\"b\"\"}\",\
         2026-03-02T09:00:00.000000Z,0.25\n",
    );
    let row = trace.rows[0];
    assert_eq!((row.at, row.created(), row.sent()), (s(0.0), Some(s(0.5)), Some(s(0.75))));
    assert_eq!(row.created_to_sent(), Some(SimDuration::from_nanos(250_000_000)));
    assert_eq!(trace.sender(&row).unwrap().kind, Some(SenderType::ShortCode));
    assert_eq!((trace.carrier(&row), row.status()), (Some("us/t-mobile"), Some(Status::Delivered)));
}

/// Aim: each bad record is told with its line, field and value. Method: lines counted by eye, with blank lines, a text of
/// two lines and both kinds of line ends before them.
#[test]
fn every_bad_record_is_told_with_its_line() {
    let text = "When,To,Date-Created,Segments,Status,Error Code,Price,Direction,Body\n\
                x,+12125550199,0,1,sent,,,,a\n\
                \n\
                x,+12125550199,yesterday,1,sent,,,,a\n\
                x,+12125550199,1,one,sent,,,,a\n\
                x,+12125550199,1,256,sent,,,,a\n\
                x,+12125550199,1,1,gone,,,,a\n\
                x,+12125550199,1,1,sent,E7,,,\"two\nlines\"\n\
                x,+12125550199,1,1,sent,,ten,,a\n\
                x,+12125550199,1,1,sent,,,sideways,a\n\
                x,+12125550199,,1,sent,,,,a\n\
                x,+12125550199,1,1,sent,,,,a,b\n\
                x,+12125550199\n\
                x,+12125550199,2026-03-02T09:00:00Z,1,sent,,,,a\n\
                x,+12125550199,2026-03-02T09:00:00,1,sent,,,,a\n\
                x,+12125550199,-1,1,sent,,,,a\n\
                x,+12125550199,99999999999999999999,1,sent,,,,a\n\
                x,+12125550199,2,1,sent,,,in,STOP\n\
                x,+12125550199,3,1,sent,,,,a\n";
    let expected = [
        "line 4: Date-Created `yesterday` is not a time: write seconds, 2026-11-27T18:00:00Z, or Fri, 27 Nov 2026 18:00:00 +0000",
        "line 5: Segments `one` is not a number of segments",
        "line 6: Segments `256` segments are too many for one message",
        "line 7: Status `gone` is not a status of the platform",
        "line 8: Error Code `E7` is not an error code",
        "line 10: Price `ten` is not an amount such as -0.0079",
        "line 11: Direction `sideways` is neither inbound nor outbound",
        "line 12: it has no time",
        "line 13: `x` begins a record of 10 fields, and the first line names 9",
        "line 14: `x` begins a record of 2 fields, and the first line names 9",
        "line 15: Date-Created `2026-03-02T09:00:00Z` is of another kind than the times before: seconds since a start, or dates",
        "line 16: Date-Created `2026-03-02T09:00:00` has no offset: write Z behind it for UTC, or the like of -05:00",
        "line 17: Date-Created `-1` is before the start",
        "line 18: Date-Created `99999999999999999999` is too large",
    ];
    for text in [text.to_owned(), text.replace('\n', "\r\n")] {
        let trace = trace(&text);
        assert_eq!(rejections(&trace), expected);
        assert_eq!((trace.account.records, trace.account.rejected, trace.account.inbound), (17, 14, 1));
        assert_eq!(trace.rows.len(), 2);
    }
}

/// Aim: a record that is rejected decides nothing for the others. Method: the first one counts seconds and has no sound number
/// of segments; those behind it have dates.
#[test]
fn a_rejected_record_does_not_say_what_times_are() {
    let trace = trace("time,segments\n5,x\n2026-03-02T09:00:00Z,1\n2026-03-02T09:00:01Z,1\n7,1\n");
    assert_eq!(trace.rows.len(), 2);
    assert_eq!(
        rejections(&trace),
        [
            "line 2: segments `x` is not a number of segments",
            "line 5: time `7` is of another kind than the times before: seconds since a start, or dates",
        ]
    );
}

#[test]
fn a_quote_that_is_never_closed_is_no_field() {
    let trace = trace("time,body\n0,a\n\n1,\"b\n2,c\n3,d\n");
    assert_eq!(trace.rows.len(), 1);
    assert_eq!(
        rejections(&trace),
        ["line 4: `1` has a quote that is never closed: it and the 2 lines behind it are lost"]
    );
}

#[test]
fn a_broken_line_of_json_costs_only_itself() {
    let trace = trace(
        "{\"time\": 0}\n\
         {\"time\": 1, \"body\": \"unfinished\n\
         {\"time\": 2\n\
         {\"time\": 3,}\n\
         17\n\
         {\"time\": [3]}\n\
         {\"time\": \"4\", \"price\": true}\n\
         \n\
         {\"time\": 5, \"body\": \"\\ud800\"}\n\
         {\"time\": 6, \"deep\": {\"time\": 7}}\n\
         {\"time\": 8",
    );
    let at: Vec<u64> = trace.rows.iter().map(|row| row.at.as_nanos() / 1_000_000_000).collect();
    assert_eq!(at, [0, 6]);
    assert_eq!(
        rejections(&trace),
        [
            "line 2: `{\"time\": 1, \"body\": \"unfinished` ends within the object",
            "line 3: `{\"time\": 2` ends within the object",
            "line 4: `{\"time\": 3,}` is not JSON: trailing comma",
            "line 5: `17` is not a JSON object",
            "line 6: it has no time",
            "line 7: price `true` is not an amount such as -0.0079",
            "line 9: `{\"time\": 5, \"body\": \"\\ud800\"}` is not JSON: unexpected end of hex escape",
            "line 11: `{\"time\": 8` ends within the object",
        ]
    );
    assert_eq!(trace.account.records, 10);
}

#[test]
fn what_is_no_object_in_a_list_is_told() {
    let trace = trace("[{\"time\": 1}, null,\n 7, {\"time\": 2}]");
    assert_eq!(trace.rows.len(), 2);
    assert_eq!(rejections(&trace), ["line 1: `null` is not a JSON object", "line 2: `7` is not a JSON object"]);
}

#[test]
fn what_cannot_be_read_at_all_is_told() {
    for (bytes, expected) in [
        (&b""[..], "there is nothing in it"),
        (b" \n\n", "there is nothing in it"),
        (b"PK\x03\x04rest", "it is a zip archive or a spreadsheet: unpack it, or export it as CSV"),
        (b"\xff\xfet\0i\0", "it is UTF-16: save it as UTF-8"),
        (b"a,b\n1,2\n", "no column tells the time: the first line has to name `time` or `date_created`; it has `a, b`"),
        (b"PAR1rest", "it is Parquet, which is written and not read: write the records as .csv.gz or .jsonl.gz"),
        (b"BZh91AY", "it is packed by something else than gzip: unpack it"),
        (b"\x89PNG\r\n\x1a\n\0\0", "it is neither CSV nor JSON: its first line is no text in UTF-8"),
        (b"\0\0\0\0", "it is neither CSV nor JSON: its first line is no text in UTF-8"),
        (b"time,to\r0,1\r1,2\r", "its lines end with carriage returns alone: save it with line feeds"),
        (b"[{\"time\": 1},\n{\"time\"", "line 2: the file ends within this object"),
        (b"[{\"time\": 1}", "line 1: the file ends within the list"),
        (b"[{\"time\": \"1\n\"}]", "line 1: the line ends within a text"),
    ] {
        assert_eq!(error(bytes), expected, "{}", String::from_utf8_lossy(bytes));
    }
    // Rows that do not repeat, so that the archive is longer than what is looked at first.
    let rows: String = (0..20_000u64).map(|n| format!("{n},{}\n", n * 7_919 % 65_536)).collect();
    let whole = packed(format!("time,recipient\n{rows}").as_bytes());
    let too_early = "the gzip archive ends too early: it was cut short, or is still being written (reached line ";
    for kept in [5, whole.len() / 2, whole.len() - 6] {
        let told = error(&whole[..kept]);
        assert!(told.starts_with(too_early), "{kept}: {told}");
    }
    let mut damaged = whole.clone();
    let end = damaged.len();
    damaged[end - 8] ^= 1;
    let told = error(&damaged);
    assert!(told.starts_with("the gzip archive is damaged: ") && told.ends_with("(reached line 20002)"), "{told}");
}

/// A file of 65 KiB that unpacks to 64 MiB is read to its limit and no further.
#[test]
fn bytes_have_a_limit() {
    let mut text = b"time,to\n0,+12125550199\n".to_vec();
    text.resize(64 << 20, b'\n');
    let archive = packed(&text);
    assert!(archive.len() < 1 << 17, "{}", archive.len());
    let limits = Limits { record_bytes: 1 << 30, ..Limits::default() };
    let within = |bytes| read_within(Cursor::new(&archive), "test", Limits { bytes, ..limits });
    let told = within(1 << 20).unwrap_err().to_string();
    assert!(told.contains("it has more than 1048576 bytes, which is the limit"), "{told}");
    assert_eq!(within(64 << 20).map(|trace| trace.rows.len()).map_err(|error| error.to_string()), Ok(1));
    assert!(within((64 << 20) - 1).is_err());
}

#[test]
fn records_have_limits() {
    let limits = Limits { record_bytes: 100, records: 3, ..Limits::default() };
    let within = |text: &str| read_within(Cursor::new(text.to_owned()), "test", limits).map(|trace| trace.rows.len());
    let body = |length| format!("time,body\n1,{}\n", "x".repeat(length));
    assert_eq!(within(&body(97)).unwrap(), 1, "2 + 97 + 1 bytes");
    assert_eq!(within(&body(98)).unwrap_err().to_string(), "the record on line 2 is longer than 100 bytes");
    assert_eq!(within(&body(1_000_000)).unwrap_err().to_string(), "the record on line 2 is longer than 100 bytes");
    let json = |length| format!("{{\"time\":0}}\n{{\"time\":1,\"a\":\"{}\"}}\n", "x".repeat(length));
    assert_eq!(within(&json(83)).unwrap(), 2, "17 + 83 bytes");
    assert_eq!(within(&json(84)).unwrap_err().to_string(), "the record on line 2 is longer than 100 bytes");
    assert_eq!(within("time\n1\n2\n3\n").unwrap(), 3);
    assert_eq!(within("time\n1\n2\n3\n4\n").unwrap_err().to_string(), "there are more than 3 records");
    assert_eq!(within("[{\"time\":1},{},{},{}]").unwrap_err().to_string(), "there are more than 3 records");
}

/// Aim: the first hundred are kept, all are counted.
#[test]
fn rejections_are_counted_beyond_those_kept() {
    let trace = trace(&format!("time\n{}", "x\n".repeat(250)));
    assert_eq!((trace.account.rejected, trace.account.rejections.len()), (250, 100));
    assert_eq!(trace.account.rejections[99].line, 101);
}

#[test]
fn rows_out_of_order_are_sorted_stably_and_counted() {
    let trace = trace("time,segments\n3,1\n1,2\n3,3\n2,4\n1,5\n");
    let order: Vec<u8> = trace.rows.iter().map(|row| row.segments().unwrap()).collect();
    assert_eq!(order, [2, 5, 4, 1, 3]);
    assert_eq!(trace.account.out_of_order, 3);
}

/// Calling codes by hand; the number alone decides.
#[test]
fn numbers_have_their_countries() {
    for (number, country) in [
        ("+12125550199", Some("US")),
        ("12125550199", Some("US")),
        ("+1 (416) 555-0123", Some("CA")),
        ("+17875550123", Some("PR")),
        ("+18765550123", Some("JM")),
        ("+18095550123", Some("DO")),
        ("+18005550123", None),
        ("+79161234567", Some("RU")),
        ("+77012345678", Some("KZ")),
        ("+447700900123", Some("GB")),
        ("+33612345678", Some("FR")),
        ("+358401234567", Some("FI")),
        ("+3530851234567", Some("IE")),
        ("whatsapp:+4915123456789", Some("DE")),
        ("+999100000000", Some("XX")),
        ("+85366123456", None),
        ("+1212555XXXX", Some("US")),
        ("+12", None),
        ("", None),
        ("ACME", None),
    ] {
        assert_eq!(country_of_number(number).map(|code| code.to_string()).as_deref(), country, "{number}");
    }
}

/// Aim: every country of the catalogue is found by its own example of a number.
#[test]
fn every_countrys_example_is_in_that_country() {
    for code in crate::catalogue::codes() {
        let example = &crate::catalogue::country(*code).unwrap().numbers.example;
        assert_eq!(country_of_number(example), Some(*code), "{example}");
    }
}

#[test]
fn senders_are_told_by_their_looks() {
    let ids = "+14155550100 +18885550123 12345 262966 ACME whatsapp:+14155550100 +33757000000 rcs:acme 14155550100";
    let rows: String = ids.split(' ').map(|id| format!("0,{id}\n")).collect();
    let kinds: Vec<Option<&str>> =
        trace(&format!("time,from\n{rows}")).senders.iter().map(|sender| Some(sender.kind?.as_str())).collect();
    let (long, toll_free, code) = (Some("long_code"), Some("toll_free"), Some("short_code"));
    let (name, whatsapp) = (Some("alphanumeric"), Some("whatsapp"));
    assert_eq!(kinds, [long, toll_free, code, code, name, whatsapp, long, None, long]);
}

#[test]
fn people_are_the_same_however_their_number_is_written() {
    let trace =
        trace("time,to,recipient\n0,+1 212-555-0199,\n0,12125550199,\n0,+12125550198,\n0,+1212555XXXX,\n0,,a\n0,,a\n");
    let people: Vec<Option<u64>> = trace.rows.iter().map(Row::person).collect();
    assert_eq!(people[0], people[1]);
    assert_ne!(people[0], people[2]);
    assert_eq!((people[3], people[4]), (None, people[5]));
    assert!(people[4].is_some());
}

#[test]
fn what_is_no_fault_of_the_record_is_counted() {
    let trace = trace(
        "date_created,date_sent,to,carrier,price,price_unit\n\
         5,4,+85366123456,us/nobody,-1,USD\n\
         5,6,+12125550199,fr/orange,-1,EUR\n",
    );
    let account = trace.account.clone();
    assert_eq!((account.without_country, account.unknown_carriers), (1, 2));
    assert_eq!((account.negative_delays, account.other_currencies, account.rejected), (1, 1, 0));
    assert_eq!((trace.rows[0].sent(), trace.rows[1].price()), (None, None));
}

#[test]
fn segments_follow_from_the_text_where_nothing_else_tells() {
    let long = "x".repeat(161);
    let trace = trace(&format!("time,body,segments\n0,{long},\n0,{long},3\n0,zażółć,0\n0,,\n"));
    assert_eq!(trace.rows.iter().map(Row::segments).collect::<Vec<_>>(), [Some(2), Some(3), Some(1), None]);
    assert_eq!(trace.rows[2].body(), Some(Body { encoding: Encoding::Ucs2, characters: 6 }));
}

/// Aim: no bytes make it panic, and its account always balances. Method: good inputs of all kinds, with bytes replaced,
/// taken out, doubled and cut off; draws are keyed, so a failure repeats.
#[test]
fn broken_inputs_never_panic_and_always_balance() {
    let lines =
        "{\"time\": 1, \"to\": \"+12125550199\", \"body\": \"\\u00e9\"}\n{\"time\": \"2.5\", \"price\": \"-0.1\"}\n";
    let page = format!("{{\"messages\": [{}]}}", lines.trim().replace('\n', ","));
    let list = format!("[{}]", lines.trim().replace('\n', ","));
    let seeds: Vec<Vec<u8>> = [LOG, lines, &page, &list].iter().map(|text| text.as_bytes().to_vec()).collect();
    let alphabet = b"\",\n\r{}[]:\\0+-.TZx\xff\0 ;";
    let mut read_well = 0;
    for case in 0..20_000_u32 {
        let draw = |n: u32, below: usize| philox::block([n, 0, 0, 0], [case, 7])[0] as usize % below.max(1);
        let mut bytes = seeds[draw(0, seeds.len())].clone();
        for edit in 0..1 + draw(1, 4) as u32 {
            let at = draw(10 + edit * 4, bytes.len());
            match draw(11 + edit * 4, 4) {
                0 if at < bytes.len() => bytes[at] = alphabet[draw(12 + edit * 4, alphabet.len())],
                1 if at < bytes.len() => drop(bytes.remove(at)),
                2 => bytes.insert(at, alphabet[draw(12 + edit * 4, alphabet.len())]),
                _ => bytes.truncate(at.max(1)),
            }
        }
        if draw(2, 8) == 0 {
            bytes = packed(&bytes);
            let at = draw(3, bytes.len());
            bytes[at] ^= 1 << draw(4, 8);
        }
        let limits = Limits {
            record_bytes: 50 + draw(5, 1_000),
            records: 2 + draw(6, 4) as u64,
            known_places: draw(7, 2) == 1,
            ..Limits::default()
        };
        if let Ok(trace) = read_within(Cursor::new(&bytes), "test", limits) {
            let account = &trace.account;
            assert_eq!(account.records, trace.rows.len() as u64 + account.inbound + account.rejected, "case {case}");
            assert_eq!(account.inbound, trace.replies.len() as u64);
            assert_eq!(account.rejections.len() as u64, account.rejected.min(REJECTED_KEPT as u64));
            assert!(trace.rows.is_sorted_by_key(|row| row.at) && account.records <= limits.records);
            read_well += 1;
        }
    }
    assert!(read_well > 3_000, "only {read_well} of the inputs were read: the test would prove nothing");
}

/// Aim: a large log is read in full. Method: counts and sums follow from how it was written.
#[test]
fn a_million_rows_are_read() {
    let mut text = String::from("time,to,segments,status,campaign\n");
    for row in 0..1_000_000_u64 {
        use std::fmt::Write;
        let number = 2_125_550_000 + row % 10_000;
        let (millis, segments) = (row % 1_000, 1 + row % 3);
        writeln!(text, "{}.{millis:03},+1{number},{segments},delivered,c{}", row / 1_000, row % 7).expect("memory");
    }
    let trace = trace(&text);
    assert_eq!(trace.rows.len(), 1_000_000);
    assert_eq!(trace.rows.iter().map(|row| u64::from(row.segments().unwrap())).sum::<u64>(), 1_999_999);
    assert_eq!(trace.span(), SimDuration::from_nanos(999_999 * 1_000_000));
    assert_eq!(trace.campaigns.len(), 7);
    let mut people: Vec<u64> = trace.rows.iter().filter_map(Row::person).collect();
    people.sort_unstable();
    people.dedup();
    assert_eq!(people.len(), 10_000);
    assert_eq!(trace.account, Account { records: 1_000_000, ..Account::default() });
}
