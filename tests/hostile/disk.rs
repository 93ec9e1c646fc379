//! File systems of their own for an index: a small one that is full, one without room for a name, one that may only be
//! read. They are mounted in a namespace of mounts that ends with its process.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::child::{Writing, say};
use crate::environment::{Extent, Home, Skipped, Tally, filled, quick, writes};
use crate::process::{Effect, Ended, Job, Process, run};
use crate::steps::Size;

const FULL: u64 = 0;
const FOR_A_WHILE: u64 = 1;
const NAMES: u64 = 2;
const READ_ONLY: u64 = 3;

/// Runs one of these environments in a process that may mount.
fn mounting(environment: u64, extent: Extent) -> Result<Tally, Skipped> {
    let home = Home::new();
    let number = environment * 2 + u64::from(extent == Extent::Full);
    let job = Job::new("disk", home.directory()).number(number).within(Duration::from_secs(900));
    let ways: [&[&str]; 2] = [
        &["unshare", "--mount", "--propagation", "private"],
        &["unshare", "--user", "--map-root-user", "--mount", "--propagation", "private"],
    ];
    let mut why = String::new();
    for way in ways {
        run(way[0], ["--version"])?;
        let ended = job.clone().under(way.iter().copied()).run();
        match ended.effect(false).unwrap_or_else(|why| panic!("{why}")) {
            Effect::NotStarted => why = ended.errors.trim().to_owned(),
            _ => return tally_of(&ended),
        }
    }
    Err(why)
}

fn tally_of(ended: &Ended) -> Result<Tally, Skipped> {
    let mut found = Err("it said nothing".to_owned());
    for line in &ended.told.lines {
        match (line.split_once(' '), &mut found) {
            (Some(("skipped", why)), _) => return Err(why.to_owned()),
            (Some(("tally", numbers)), _) => found = Ok(Tally::of_numbers(numbers)),
            (Some(("note", note)), Ok(tally)) => tally.note(note.to_owned()),
            _ => {}
        }
    }
    found
}

/// The process that mounts.
pub(crate) fn child(directory: &Path, number: u64) -> Result<(), String> {
    let extent = if number % 2 == 1 { Extent::Full } else { Extent::Quick };
    let disk = Disk { at: directory.join("disk") };
    fs::create_dir(&disk.at).map_err(|error| error.to_string())?;
    let mut notes = Vec::new();
    let made = match number / 2 {
        FULL => full_disks(&disk, extent),
        FOR_A_WHILE => full_and_freed(&disk, extent, &mut notes),
        NAMES => few_names(&disk, extent),
        _ => read_only_disks(&disk, directory, &mut notes),
    };
    match made {
        Ok(tally) => say(&format!("tally {}", tally.numbers())),
        Err(why) => say(&format!("skipped {}", why.replace('\n', " "))),
    }
    notes.iter().for_each(|note| say(&format!("note {note}")));
    Ok(())
}

/// A place where file systems are mounted, one after the other.
struct Disk {
    at: PathBuf,
}

impl Disk {
    fn mount(&self, options: &str) -> Result<(), Skipped> {
        run("mount", ["-t", "tmpfs", "-o", options, "none", self.name()]).map(drop)
    }

    fn remount(&self, options: &str) -> Result<(), Skipped> {
        run("mount", ["-o", &format!("remount,{options}"), self.name()]).map(drop)
    }

    fn unmount(&self) -> Result<(), Skipped> {
        run("umount", [self.name()]).map(drop)
    }

    fn name(&self) -> &str {
        self.at.to_str().unwrap()
    }

    fn path(&self) -> PathBuf {
        self.at.join("plan.ri")
    }

    /// Takes all the room that is left. Returns the file that has it.
    fn fill(&self) -> PathBuf {
        let filler = self.at.join("filler");
        let mut file = File::create(&filler).unwrap();
        while file.write_all(&[1; 4096]).is_ok() {}
        filler
    }
}

fn full_disks(disk: &Disk, extent: Extent) -> Result<Tally, Skipped> {
    let mut tally = Tally::default();
    let size = Size { loaded: 2_000, text: 20_000 };
    let writing = Writing { size, reads_go_on: true, ..Writing::new(400) };
    let kilobytes: &[u64] = match extent {
        Extent::Full => &[4, 8, 16, 32, 64, 96, 128, 192, 256, 512, 1_024, 1_500, 2_048, 3_000, 4_096, 6_000, 8_192],
        Extent::Quick => &[64, 2_048],
    };
    for kilobytes in kilobytes {
        disk.mount(&format!("size={kilobytes}k"))?;
        let ended = writes(&disk.path(), &writing).run();
        disk.remount("size=256m")?;
        tally.take(&format!("a disk of {kilobytes} KiB"), &ended, false, &disk.path(), size);
        disk.unmount()?;
    }
    Ok(tally.has_harmed())
}

/// The disk is filled while an index writes, and freed later.
fn full_and_freed(disk: &Disk, extent: Extent, notes: &mut Vec<String>) -> Result<Tally, Skipped> {
    let mut tally = Tally::default();
    let (rounds, commits) = if extent == Extent::Full { (12, 120) } else { (1, 30) };
    let mut went_on = 0;
    for round in 0..rounds {
        disk.mount("size=96m")?;
        // More than the log has made room for.
        let size = Size { text: 200_000, ..Size::SMALL };
        let told = filled(&disk.path(), 10, size);
        let writing = Writing { size, tries: 500, pace: 1, reads_go_on: true, ..Writing::new(commits) };
        let mut process = writes(&disk.path(), &writing).start().knowing(&told);
        assert!(process.wait_until(|told| told.acknowledged >= 10 + round * 3), "{:?}", process.told);
        let filler = disk.fill();
        process.wait_until(|told| !told.errors.is_empty());
        process.listen(Duration::from_millis(50));
        let when_full = process.told.acknowledged;
        fs::remove_file(filler).unwrap();
        let ended = process.end();
        went_on += u64::from(ended.told.acknowledged > when_full);
        tally.take("a disk that was full for a while", &ended, false, &disk.path(), writing.size);
        disk.unmount()?;
    }
    notes.push(format!("{went_on} went on when there was room again, the others had to be opened again"));
    Ok(tally.has_harmed())
}

fn few_names(disk: &Disk, extent: Extent) -> Result<Tally, Skipped> {
    let mut tally = Tally::default();
    let most: Vec<u64> = if extent == Extent::Full { (2..=24).collect() } else { vec![4, 10] };
    let writing = Writing { reads_go_on: true, ..Writing::new(60) };
    for most in most {
        disk.mount(&format!("size=64m,nr_inodes={most}"))?;
        let ended = writes(&disk.path(), &writing).run();
        disk.remount("nr_inodes=1000")?;
        tally.take(&format!("a disk of {most} inodes"), &ended, false, &disk.path(), writing.size);
        disk.unmount()?;
    }
    Ok(tally.has_harmed())
}

fn read_only_disks(disk: &Disk, directory: &Path, notes: &mut Vec<String>) -> Result<Tally, Skipped> {
    let mut tally = Tally::default();
    read_only_before_it_is_opened(disk, &mut tally)?;
    match read_only_while_open(disk, directory, &mut tally) {
        Ok(()) => notes.push("one became read-only while the index was open".to_owned()),
        Err(why) => notes.push(format!("none became read-only while an index was open: {}", why.replace('\n', " "))),
    }
    Ok(tally.has_harmed())
}

fn read_only_before_it_is_opened(disk: &Disk, tally: &mut Tally) -> Result<(), Skipped> {
    disk.mount("size=64m")?;
    let told = filled(&disk.path(), 30, Size::SMALL);
    // The system refuses this while files are open for writing.
    disk.remount("ro")?;
    let ended = writes(&disk.path(), &Writing::new(5)).start().knowing(&told).end();
    assert_eq!(ended.effect(false), Ok(Effect::Refused), "{ended:?}");
    let reader = Job::new("open", &disk.path()).number(1).run();
    assert!(reader.told.lines.contains(&"revision 30".to_owned()), "{reader:?}");
    tally.count(reader.effect(false).unwrap());
    disk.remount("rw")?;
    tally.take("a disk that was read-only", &ended, false, &disk.path(), Size::SMALL);
    disk.unmount()
}

/// A file system that meets an error of its own becomes read-only, also under open files.
fn read_only_while_open(disk: &Disk, directory: &Path, tally: &mut Tally) -> Result<(), Skipped> {
    let image = directory.join("image");
    File::create(&image).and_then(|file| file.set_len(64 << 20)).map_err(|error| error.to_string())?;
    let image = image.to_str().unwrap();
    run("mkfs.ext4", ["-q", image])?;
    let mount = || run("mount", ["-o", "loop,errors=remount-ro", image, disk.name()]);
    mount()?;
    let device = run("findmnt", ["-no", "SOURCE", disk.name()])?;
    let device = Path::new(device.trim()).file_name().unwrap().to_str().unwrap().to_owned();
    let trigger = PathBuf::from(format!("/sys/fs/ext4/{device}/trigger_fs_error"));
    if !trigger.exists() {
        return Err(format!("there is no {}", trigger.display()));
    }
    let writing = Writing { pace: 1, ..Writing::new(10_000) };
    let told = filled(&disk.path(), 10, Size::SMALL);
    let mut process: Process = writes(&disk.path(), &writing).start().knowing(&told);
    assert!(process.wait_until(|told| told.acknowledged > 30), "{:?}", process.told);
    fs::write(trigger, "made by a test").map_err(|error| error.to_string())?;
    let ended = process.end();
    assert_eq!(ended.effect(false), Ok(Effect::Refused), "{ended:?}");
    disk.unmount()?;
    // It corrects errors, and says so by its code.
    let _ = run("e2fsck", ["-f", "-p", image]);
    mount()?;
    tally.take("a disk that became read-only", &ended, false, &disk.path(), Size::SMALL);
    disk.unmount()
}

pub(crate) fn full(extent: Extent) -> Result<Tally, Skipped> {
    mounting(FULL, extent)
}

pub(crate) fn full_for_a_while(extent: Extent) -> Result<Tally, Skipped> {
    mounting(FOR_A_WHILE, extent)
}

pub(crate) fn no_more_names(extent: Extent) -> Result<Tally, Skipped> {
    mounting(NAMES, extent)
}

pub(crate) fn read_only(extent: Extent) -> Result<Tally, Skipped> {
    mounting(READ_ONLY, extent)
}

#[test]
fn a_full_disk_is_an_error_and_loses_nothing_acknowledged() {
    quick(full);
}

#[test]
fn commits_go_on_or_an_opening_is_asked_for_when_a_full_disk_has_room_again() {
    quick(full_for_a_while);
}

#[test]
fn a_disk_without_room_for_a_name_is_an_error_and_loses_nothing_acknowledged() {
    quick(no_more_names);
}

#[test]
fn a_file_system_that_is_read_only_is_an_error_and_loses_nothing_acknowledged() {
    quick(read_only);
}
