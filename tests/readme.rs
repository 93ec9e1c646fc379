//! What the README shows is what the repository has.

#![allow(clippy::unwrap_used, reason = "a test stops at the first thing that goes wrong")]

#[path = "common/commands.rs"]
mod commands;
#[path = "common/example.rs"]
mod example;

use std::fs;
use std::path::Path;
use std::process::Command;

use commands::commands;
use example::example;

fn file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_quickstart_of_the_readme_is_the_example() {
    let example = file("examples/quickstart.rs");
    let code = &example[example.find("use responsibility_index").unwrap()..];
    assert!(file("README.md").contains(code), "README.md and examples/quickstart.rs differ");
}

#[test]
fn every_path_that_the_readme_names_is_there() {
    let readme = file("README.md");
    let links = readme.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let paths: Vec<&str> = links.filter(|link| !link.contains("://") && !link.starts_with('#')).collect();
    assert!(paths.len() > 3, "{paths:?}");
    for path in paths {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(), "{path}");
    }
}

#[test]
fn the_rows_of_speed_in_the_readme_are_those_of_the_documentation() {
    let (readme, all) = (file("README.md"), file("src/speed/peers.md"));
    let head = all.lines().next().unwrap();
    let shown: Vec<&str> =
        readme.lines().skip_while(|line| *line != head).take_while(|line| !line.is_empty()).collect();
    assert!(shown.len() > 8, "{} rows", shown.len());
    let mut rows = all.lines();
    for row in shown {
        assert!(rows.any(|other| other == row), "not in src/speed/peers.md, or in another order: {row}");
    }
}

#[test]
fn the_quickstart_prints_what_the_readme_says() {
    let directory = tempfile::tempdir().unwrap();
    let output = Command::new(example("quickstart")).current_dir(directory.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(file("README.md").contains(printed.trim_end()), "the README does not show:\n{printed}");
}

#[test]
fn the_commands_that_run_programs_succeed_one_after_the_other() {
    for text in ["README.md", "seeds/README.md"] {
        let directory = tempfile::tempdir().unwrap();
        if text.starts_with("seeds") {
            // The commands of the seeds go on where the README has made an index.
            let import = "cargo run --release --example import_notice -- seeds/fujian-2016.txt --db plan-2016.ri";
            commands::parse(import).unwrap().run(directory.path());
        }
        let runs: Vec<_> = commands(&file(text)).iter().filter_map(|command| commands::parse(command)).collect();
        let here: Vec<_> = runs.iter().filter(|run| run.features.is_empty()).collect();
        assert!(here.len() >= 3, "{text}");
        here.iter().for_each(|run| drop(run.run(directory.path())));
    }
}

/// The features whose commands are run by the tests of these features: `tests/spreadsheets` and `tests/etcd`.
const ELSEWHERE: [&str; 2] = ["xlsx", "etcd"];

#[test]
fn every_command_is_one_that_a_test_runs_or_whose_target_is_there() {
    for command in commands(&file("README.md")) {
        let path = |option: &str| command.split_once(option).and_then(|(_, rest)| rest.split(' ').next());
        if let Some(run) = commands::parse(&command) {
            assert!(run.features.is_empty() || ELSEWHERE.contains(&run.features.as_str()), "{command}");
        } else if let Some(name) = path("--bench ") {
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("benches/{name}.rs")).exists(), "{command}");
        } else if let Some(name) = path("--test ") {
            let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
            assert!(
                tests.join(format!("{name}.rs")).exists() || tests.join(name).join("main.rs").exists(),
                "{command}"
            );
        } else if let Some(manifest) = path("--manifest-path ") {
            assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(manifest).exists(), "{command}");
        } else {
            let known = [
                "cargo test",
                "cargo new plan && cd plan",
                "cargo add ",
                "cargo bench -p responsibility-index-micro",
                "cargo doc --open",
            ];
            assert!(known.iter().any(|known| command.starts_with(known)), "no test knows: {command}");
        }
    }
}

#[test]
fn every_program_is_in_a_command() {
    let readme = file("README.md");
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            let is_there = name == "quickstart" || readme.contains(&format!("--example {name} -- "));
            assert!(is_there, "the README does not run {name}");
        }
    }
}
