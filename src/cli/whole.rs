//! Single files that are whole or as they were: written under another name beside their place, and moved there at the end.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes a file, or leaves what was there; where that may not be written to, nothing takes its place. A pipe or a device is written
/// to as it is, and behind a link what it points to. Permissions stay; the owner is who writes.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let old = fs::metadata(path).ok();
    if old.as_ref().is_some_and(|old| !old.is_file()) {
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    if old.is_some() {
        OpenOptions::new().write(true).open(path)?;
    }
    let path = behind_links(path);
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    let fresh = path.with_file_name(format!(".{name}.new-{}", std::process::id()));
    // What a process of the same number left behind.
    let _ = fs::remove_file(&fresh);
    let written = File::create_new(&fresh).and_then(|mut file| {
        file.write_all(bytes)?;
        old.map_or(Ok(()), |old| file.set_permissions(old.permissions()))?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&fresh, &path)).inspect_err(|_| drop(fs::remove_file(&fresh)))
}

/// Where a link leads, also one to what is not there yet.
fn behind_links(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| match fs::read_link(path) {
        Ok(next) => path.parent().map_or(next.clone(), |folder| folder.join(&next)),
        Err(_) => path.to_owned(),
    })
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn links_lead_to_what_is_written_and_permissions_stay() {
        let folder = std::env::temp_dir().join(format!("sendpool-whole-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a temporary folder");
        let (file, link, loose) = (folder.join("file"), folder.join("link"), folder.join("loose"));
        fs::write(&file, "old").expect("writable");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("one's own");
        symlink("file", &link).expect("a link");
        symlink("later", &loose).expect("a link to what is not there yet");
        write(&link, b"new").expect("writable");
        write(&loose, b"first").expect("writable");
        assert_eq!(fs::read(&file).expect("readable"), b"new");
        assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read(folder.join("later")).expect("readable"), b"first");
        for link in [&link, &loose] {
            assert!(fs::symlink_metadata(link).expect("there").is_symlink());
        }
        assert_eq!(fs::read_dir(&folder).expect("readable").count(), 4, "nothing is left over");
        fs::remove_dir_all(&folder).expect("one's own");
    }
}
