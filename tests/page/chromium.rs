//! Chromium without a window: a page as a picture, as a document to print, or measured by a script that is added to a
//! copy of the page. Each run has a profile of its own and a bound in time.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// A start takes about two seconds, and ten on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

pub(crate) struct Chromium {
    program: PathBuf,
    directory: PathBuf,
}

impl Chromium {
    /// The browser, with a directory for the files of a test, which are kept to be looked at. `None`, with a word on the
    /// standard error, where it is not installed.
    pub(crate) fn find(test: &str) -> Option<Chromium> {
        let path = std::env::var_os("PATH")?;
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let places = std::env::split_paths(&path).flat_map(|place| names.map(|name| place.join(name)));
        let Some(program) = places.into_iter().find(|place| place.is_file()) else {
            // Written as it is: a test that passes shows nothing that it prints.
            let _ = writeln!(std::io::stderr(), "skipped: {test} needs a browser; on Debian: apt-get install chromium");
            return None;
        };
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages").join(test);
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        Some(Chromium { program, directory })
    }

    /// Puts a page into the directory.
    pub(crate) fn put(&self, name: &str, page: &str) -> PathBuf {
        let path = self.directory.join(name);
        fs::write(&path, page).unwrap();
        path
    }

    /// Takes a picture.
    pub(crate) fn picture(&self, page: &Path, name: &str, (width, height): (u32, u32), flags: &[&str]) -> PathBuf {
        let picture = self.directory.join(name);
        let own = [
            format!("--screenshot={}", picture.display()),
            format!("--window-size={width},{height}"),
            "--hide-scrollbars".to_owned(),
        ];
        self.run(page, &own, flags);
        picture
    }

    /// Prints, and returns the number of pages and the bytes of the document.
    pub(crate) fn print(&self, page: &Path, name: &str) -> (usize, String) {
        let document = self.directory.join(name);
        self.run(page, &[format!("--print-to-pdf={}", document.display()), "--no-pdf-header-footer".to_owned()], &[]);
        let document = String::from_utf8_lossy(&fs::read(&document).unwrap()).into_owned();
        let pages = document.split("/Type /Page").skip(1).filter(|rest| !rest.starts_with('s')).count();
        (pages, document)
    }

    /// What a script returns, as text, that runs in a copy of the page which allows scripts, when it is loaded: before, a
    /// link may move the page later. The copy is in a frame of this size, since a window can't be as narrow as a hand.
    pub(crate) fn measure(&self, page: &str, script: &str, (width, height): (u32, u32), flags: &[&str]) -> String {
        let policy = page.find("<meta http-equiv").unwrap();
        let end = policy + page[policy..].find('>').unwrap() + 1;
        let added = format!(
            "<script>addEventListener('load',()=>{{const measured=parent.document.getElementById('measured');\
             try{{measured.textContent='['+(()=>{{{script}}})()+']'}}catch(error){{measured.textContent='['+error+']'}}}})\
             </script></body>"
        );
        let copy = page.replace(&page[policy..end], "").replace("</body>", &added);
        let copy = copy.replace('&', "&amp;").replace('"', "&quot;");
        let frame = format!(
            "<!DOCTYPE html><meta charset=\"utf-8\"><pre id=\"measured\"></pre>\
             <iframe width=\"{width}\" height=\"{height}\" style=\"border:0\" srcdoc=\"{copy}\"></iframe>"
        );
        let dom = self.run(&self.put("measured.html", &frame), &["--dump-dom".to_owned()], flags);
        let begin = dom.find("<pre id=\"measured\">[").unwrap_or_else(|| panic!("{dom}"));
        let measured = &dom[begin..];
        let (begin, end) = (measured.find(">[").unwrap(), measured.find("]</pre>").unwrap());
        measured[begin + 2..end].replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
    }

    /// Runs the browser on a file. Returns what it writes to the standard output.
    fn run(&self, page: &Path, own: &[String], flags: &[&str]) -> String {
        let profile = tempfile::tempdir().unwrap();
        let (out, err) = (profile.path().join("out"), profile.path().join("err"));
        let mut command = Command::new(&self.program);
        command
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--disable-dev-shm-usage", "--force-device-scale-factor=1"])
            .arg(format!("--user-data-dir={}", profile.path().join("profile").display()))
            .args(own)
            .args(flags)
            .arg(format!("file://{}", page.display()))
            .stdout(File::create(&out).unwrap())
            .stderr(File::create(&err).unwrap());
        let ended = wait(command.spawn().unwrap());
        let said = || fs::read_to_string(&err).unwrap_or_default();
        assert!(ended, "the browser did not end in time, or failed: {}", said());
        fs::read_to_string(&out).unwrap()
    }
}

/// Waits for a process, and ends it when it takes too long. Whether it succeeded.
fn wait(mut child: Child) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait().unwrap() {
            return status.success();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    false
}
