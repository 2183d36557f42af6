//! Files of replications that were run: what a stopped run left behind, and the shards of a run over several machines. One
//! form for both.
//!
//! ```text
//! magic  format u32  length u32, header  count u32  { key 32 bytes, index u32, length u64, replication }*  SHA-256 of all before
//! ```
//!
//! Numbers are little-endian. The header says which build wrote it; those of another are refused, whatever they hold, since
//! two builds may count differently. A file is written under another name until it is whole and on the disk. It is read from
//! front to back once, for its checksum; after that single replications are read from their places, so that nothing is ever
//! in memory but the one that is looked at.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::experiment::{FORMAT, Replication};

const MAGIC: &[u8; 22] = b"sendpool replications\n";
/// The largest file that is read.
pub(super) const FILE_BYTES_MAX: u64 = 64 << 30;
/// The largest header: a scenario, and what is set beside it.
const HEADER_BYTES_MAX: u32 = 64 << 20;
/// The largest replication.
const REPLICATION_BYTES_MAX: u64 = 1 << 30;

/// What a replication is one of: a scenario with all that its results depend on, and the numbers that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key([u8; 32]);

impl Key {
    /// That of a scenario's digest and of the measures that are asked for beside its promises.
    pub(super) fn new<'a>(digest: &'a str, measures: impl Iterator<Item = &'a str>) -> Key {
        let mut hash = Sha256::new();
        for part in std::iter::once(digest).chain(measures) {
            hash.update(format!("{}:{part}", part.len()));
        }
        Key(hash.finalize().into())
    }
}

/// Which build wrote a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Build {
    version: String,
    /// Fingerprint of the sources: see `build.rs`.
    sources: String,
}

impl Build {
    /// This one.
    pub(super) fn own() -> Build {
        Build { version: env!("CARGO_PKG_VERSION").to_owned(), sources: env!("SENDPOOL_SOURCES").to_owned() }
    }
}

impl std::fmt::Display for Build {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "sendpool {} of sources {}", self.version, self.sources)
    }
}

/// What a shard is one of, so that whoever merges needs nothing else but the files that the scenario names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Origin {
    /// The scenario's file as it was named.
    pub file: String,
    /// Its text.
    pub text: String,
    /// The command that repeats the whole run.
    pub command: String,
    /// What replaced parts of it.
    pub settings: Vec<(String, String)>,
    /// Its digest.
    pub digest: String,
    /// The seed of all random draws.
    pub seed: u64,
    /// Replications of the whole run.
    pub replications: u32,
    /// The first of this shard, counted from 0.
    pub first: u32,
    /// One beyond its last.
    pub end: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct Header {
    build: Build,
    origin: Option<Origin>,
}

/// One replication to be written.
pub(super) struct Entry {
    pub key: Key,
    pub index: u32,
    pub bytes: Vec<u8>,
}

/// Where a replication is within a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub key: Key,
    pub index: u32,
    offset: u64,
    bytes: u64,
}

/// A file that was read to its end and found whole.
#[derive(Debug)]
pub(super) struct KeptFile {
    pub path: PathBuf,
    pub origin: Option<Origin>,
    pub places: Vec<Place>,
}

/// Writes through to the digest.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
    at: u64,
}

impl<W> Hashing<W> {
    fn new(inner: W) -> Hashing<W> {
        Hashing { inner, hash: Sha256::new(), at: 0 }
    }
}

impl<W: Write> Hashing<W> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.at += bytes.len() as u64;
        self.inner.write_all(bytes)
    }
}

impl<R: Read> Hashing<R> {
    fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.inner.read_exact(&mut bytes)?;
        self.hash.update(bytes);
        self.at += N as u64;
        Ok(bytes)
    }

    /// Reads over so many bytes.
    fn skip(&mut self, mut bytes: u64) -> io::Result<()> {
        let mut buffer = [0; 1 << 16];
        while bytes > 0 {
            let some = &mut buffer[..bytes.min(1 << 16) as usize];
            self.inner.read_exact(some)?;
            self.hash.update(&*some);
            self.at += some.len() as u64;
            bytes -= some.len() as u64;
        }
        Ok(())
    }
}

/// Writes `count` entries to `fresh`, and says where they are; `path` is where the file is to be. On the disk when it returns.
fn write_to(
    fresh: &Path,
    path: &Path,
    origin: Option<&Origin>,
    count: u32,
    entries: impl Iterator<Item = io::Result<Entry>>,
) -> io::Result<(KeptFile, [u8; 32])> {
    let mut out = Hashing::new(BufWriter::new(File::create(fresh)?));
    let header = postcard::to_stdvec(&Header { build: Build::own(), origin: origin.cloned() }).expect("plain data");
    out.put(MAGIC)?;
    out.put(&FORMAT.to_le_bytes())?;
    out.put(&u32::try_from(header.len()).expect("scenarios are limited").to_le_bytes())?;
    out.put(&header)?;
    out.put(&count.to_le_bytes())?;
    let mut places = Vec::new();
    for entry in entries {
        let Entry { key, index, bytes } = entry?;
        out.put(&key.0)?;
        out.put(&index.to_le_bytes())?;
        out.put(&(bytes.len() as u64).to_le_bytes())?;
        places.push(Place { key, index, offset: out.at, bytes: bytes.len() as u64 });
        out.put(&bytes)?;
    }
    assert_eq!(places.len(), count as usize, "as many as announced");
    let checksum: [u8; 32] = out.hash.finalize().into();
    out.inner.write_all(&checksum)?;
    out.inner.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok((KeptFile { path: path.to_owned(), origin: origin.cloned(), places }, checksum))
}

/// Writes a file of a name of its own into `folder`: the beginning of its checksum.
pub(super) fn write_named(folder: &Path, ending: &str, entries: &mut Vec<Entry>) -> io::Result<KeptFile> {
    let fresh = folder.join(format!(".new-{}", std::process::id()));
    let count = u32::try_from(entries.len()).expect("there are few");
    let written = write_to(&fresh, &fresh, None, count, std::mem::take(entries).into_iter().map(Ok));
    let placed = written.and_then(|(file, checksum)| {
        let name: String = checksum[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        let path = folder.join(format!("{name}.{ending}"));
        fs::rename(&fresh, &path)?;
        sync_folder(folder)?;
        Ok(KeptFile { path, ..file })
    });
    placed.inspect_err(|_| drop(fs::remove_file(&fresh)))
}

/// Writes a shard, under another name until it is whole.
pub(super) fn write_shard(
    path: &Path,
    origin: &Origin,
    entries: impl Iterator<Item = io::Result<Entry>>,
) -> io::Result<()> {
    let name = path.file_name().expect("a shard has a name").to_string_lossy();
    let fresh = path.with_file_name(format!(".{name}.new-{}", std::process::id()));
    let written = write_to(&fresh, path, Some(origin), origin.end - origin.first, entries).and_then(|_| {
        fs::rename(&fresh, path)?;
        sync_folder(path.parent().unwrap_or(Path::new(".")))
    });
    written.inspect_err(|_| drop(fs::remove_file(&fresh)))
}

/// Makes what was renamed within a folder last; where folders cannot be opened there is nothing to do.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Reads a file to its end. The error says what is wrong with it, to follow its name.
pub(super) fn open(path: &Path) -> Result<KeptFile, String> {
    let cannot = |error: io::Error| format!("cannot be read: {error}");
    let file = File::open(path).map_err(cannot)?;
    let length = file.metadata().map_err(cannot)?.len();
    if length > FILE_BYTES_MAX {
        let (length, most) = (length >> 20, FILE_BYTES_MAX >> 20);
        return Err(format!("has {length} MiB, and at most {most} MiB are read: cut the run into more shards"));
    }
    let mut input = Hashing::new(BufReader::with_capacity(1 << 16, file));
    match input.take::<22>() {
        Ok(magic) if &magic == MAGIC => {}
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(cannot(error)),
        _ => return Err("is no file of replications: name those that `run --shard` wrote".to_owned()),
    }
    let format = input.take().map(u32::from_le_bytes);
    if let Ok(format) = format
        && format != FORMAT
    {
        return Err(format!("has format {format}, and this program reads format {FORMAT}"));
    }
    // Whatever else does not fit together: the file is not what was written.
    let damaged = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => {
            "is cut off or damaged: copy it again, or run its shard again".to_owned()
        }
        _ => cannot(error),
    };
    let (header, places) = parse(&mut input).map_err(damaged)?;
    let own = Build::own();
    if header.build != own {
        return Err(format!("was written by {}, and this is {own}: run all shards with one build", header.build));
    }
    Ok(KeptFile { path: path.to_owned(), origin: header.origin, places })
}

fn parse(input: &mut Hashing<BufReader<File>>) -> io::Result<(Header, Vec<Place>)> {
    let wrong = || io::Error::from(io::ErrorKind::InvalidData);
    let length = u32::from_le_bytes(input.take()?);
    if length > HEADER_BYTES_MAX {
        return Err(wrong());
    }
    let mut header = Vec::new();
    (&mut input.inner).take(u64::from(length)).read_to_end(&mut header)?;
    input.hash.update(&header);
    input.at += header.len() as u64;
    let count = u32::from_le_bytes(input.take()?);
    let mut places = Vec::new();
    for _ in 0..count {
        let (key, index) = (Key(input.take()?), u32::from_le_bytes(input.take()?));
        let bytes = u64::from_le_bytes(input.take()?);
        if bytes > REPLICATION_BYTES_MAX {
            return Err(wrong());
        }
        places.push(Place { key, index, offset: input.at, bytes });
        input.skip(bytes)?;
    }
    let expected: [u8; 32] = std::mem::take(&mut input.hash).finalize().into();
    if input.take::<32>()? != expected || input.inner.read(&mut [0])? > 0 {
        return Err(wrong());
    }
    Ok((postcard::from_bytes(&header).map_err(|_| wrong())?, places))
}

/// The bytes of one replication.
pub(super) fn bytes_at(path: &Path, place: &Place) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(place.offset))?;
    let mut bytes = vec![0; usize::try_from(place.bytes).expect("limited when the file was opened")];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// One replication.
pub(super) fn replication_at(path: &Path, place: &Place) -> io::Result<Replication> {
    let bytes = bytes_at(path, place)?;
    Replication::from_bytes(&bytes).map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("sendpool-kept-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a temporary folder");
        path
    }

    fn entries() -> Vec<Entry> {
        let key = Key::new("digest", ["drain_time avg"].into_iter());
        (0..3).map(|index| Entry { key, index, bytes: vec![index as u8; 100_000 * index as usize + 1] }).collect()
    }

    #[test]
    fn what_was_written_is_read_back() {
        let folder = scratch("back");
        let written = write_named(&folder, "kept", &mut entries()).expect("writable");
        let read = open(&written.path).expect("whole");
        for (entry, place) in entries().iter().zip(&read.places) {
            assert_eq!((entry.key, entry.index), (place.key, place.index));
            assert_eq!(bytes_at(&read.path, place).unwrap(), entry.bytes);
        }
        assert_eq!(read.places.len(), 3);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing else is left");
        fs::remove_dir_all(folder).unwrap();
    }

    /// Aim: no damage goes unnoticed. Method: each byte of the first 400 and each 997th changed, and the file cut at the same
    /// places.
    #[test]
    fn damage_is_noticed() {
        let folder = scratch("damage");
        let path = write_named(&folder, "kept", &mut entries()).expect("writable").path;
        let whole = fs::read(&path).unwrap();
        let places = (0..whole.len()).filter(|at| *at < 400 || at % 997 == 0 || at + 40 > whole.len());
        for at in places {
            let mut other = whole.clone();
            other[at] ^= 0x10;
            fs::write(&path, &other).unwrap();
            open(&path).expect_err(&format!("byte {at} was changed"));
            fs::write(&path, &whole[..at]).unwrap();
            open(&path).expect_err(&format!("cut at byte {at}"));
        }
        fs::write(&path, [&whole[..], b"x"].concat()).unwrap();
        open(&path).expect_err("a byte more");
        fs::write(&path, &whole).unwrap();
        open(&path).expect("whole again");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn files_beyond_the_limit_are_refused() {
        let folder = scratch("limit");
        let path = folder.join("large.shard");
        // Sparse: it takes no room.
        if File::create(&path).unwrap().set_len(FILE_BYTES_MAX + 1).is_ok() {
            let why = open(&path).unwrap_err();
            assert!(why.contains("65536 MiB"), "{why}");
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn keys_tell_scenarios_and_questions_apart() {
        let key = |digest, measures: &[&'static str]| Key::new(digest, measures.iter().copied());
        assert_eq!(key("a", &["b"]), key("a", &["b"]));
        let others = [key("a", &[]), key("b", &["b"]), key("a", &["c"]), key("a", &["b", ""]), key("ab", &[])];
        assert!(others.iter().all(|other| *other != key("a", &["b"])));
    }
}
