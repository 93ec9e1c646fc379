//! How a browser shows pages: nothing overlaps, headers stay in sight, print, dark mode, anchors. Pictures and documents
//! are kept in the directory for temporary files of the build, below `pages`.

use responsibility_index::export::PageOptions;
use responsibility_index::reform::Reform;
use responsibility_index::{Index, Role};

use crate::chromium::Chromium;
use crate::{page, seed};

/// The light or dark choice of a reader.
const DARK: &str = "--blink-settings=preferredColorScheme=0";
const LIGHT: &str = "--blink-settings=preferredColorScheme=1";

/// Says what does not fit: cells whose text is wider than they are, cells of a row that overlap, a page that is wider
/// than the window; and what is loaded.
const FITS: &str = "
    const wrong = [];
    if (document.documentElement.scrollWidth > innerWidth) wrong.push('page ' + document.documentElement.scrollWidth);
    for (const cell of document.querySelectorAll('td,th'))
        if (cell.scrollWidth > cell.clientWidth + 1) wrong.push('text ' + cell.textContent);
    for (const row of document.querySelectorAll('tr')) {
        let right = -Infinity;
        for (const cell of row.cells) {
            const box = cell.getBoundingClientRect();
            if (box.left < right - 0.5) wrong.push('overlap ' + cell.textContent);
            right = box.right;
        }
    }
    for (const part of document.body.children) {
        const next = part.nextElementSibling;
        if (next && !next.hidden && next.localName != 'script'
            && next.getBoundingClientRect().top < part.getBoundingClientRect().bottom - 0.5) wrong.push('over ' + next.localName);
    }
    for (const loaded of performance.getEntriesByType('resource')) wrong.push('loaded ' + loaded.name);
    return innerWidth + ': ' + wrong.join('; ');
";

#[test]
fn nothing_overlaps_at_the_width_of_a_desk_and_of_a_hand() {
    let Some(chromium) = Chromium::find("widths") else { return };
    let table = page(&seed(), "", &PageOptions::new().language("zh-Hans")).0;
    let grid = page(&seed(), "", &PageOptions::new().language("zh-Hans").most_cells(0)).0;
    for (name, page) in [("table", table), ("grid", grid), ("plan", reform())] {
        let path = chromium.put(&format!("{name}.html"), &page);
        for (width, height) in [(1280, 900), (390, 844)] {
            chromium.picture(&path, &format!("{name}-{width}.png"), (width, height), &[LIGHT]);
            assert_eq!(chromium.measure(&page, FITS, (width, height), &[]), format!("{width}: "), "{name}");
        }
    }
}

#[test]
fn the_frame_of_a_narrow_table_ends_with_the_table() {
    let Some(chromium) = Chromium::find("narrow") else { return };
    let index = Index::in_memory();
    index.assign("plan/1", ["Roads", "Finance"]).unwrap();
    index.assign("plan/2", ["Finance"]).unwrap();
    let plan = index.batch().vacate("plan/2").plan().unwrap();
    let mut change = Vec::new();
    plan.page(&PageOptions::new(), &mut change).unwrap();
    let script = "
        const region = document.querySelector('[role=region]'), table = region.querySelector('table');
        const edge = element => element.getBoundingClientRect().right;
        return table.offsetWidth > 200 && Math.abs(edge(region) - edge(table)) <= 2 && region.scrollWidth <= region.clientWidth;
    ";
    let table = page(&index, "", &PageOptions::new()).0;
    let grid = page(&index, "", &PageOptions::new().most_cells(0)).0;
    for page in [table, grid, String::from_utf8(change).unwrap()] {
        assert_eq!(chromium.measure(&page, script, (1280, 900), &[]), "true");
    }
}

/// The page of a plan: two departments become one, another lead, a task that is new, a vacant one, one that is removed.
fn reform() -> String {
    let index = seed();
    let reform = Reform::of(["省卫计委", "省食品药品监管局"]).becomes(["省卫健委"]);
    let plan = index.batch().reform(reform).set_lead("fujian-2016/1/1/8/2", "省经信委", Some(Role::Support));
    let plan = plan.vacate("fujian-2016/1/1/9/1").remove("fujian-2016/2/8/1");
    let plan = plan.assign("fujian-2016/2/9/1", ["省科技厅"]).plan().unwrap();
    let mut page = Vec::new();
    plan.page(&PageOptions::new().language("zh-Hans"), &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

#[test]
fn cells_and_totals_in_the_browser_are_those_of_the_index() {
    let Some(chromium) = Chromium::find("cells") else { return };
    let index = seed();
    let script = "
        const count = selector => document.querySelectorAll(selector).length;
        const totals = [...document.querySelectorAll('tfoot tr')].map(row =>
            [...row.cells].slice(1).reduce((sum, cell) => sum + Number(cell.textContent), 0));
        return [count('tbody tr[id^=\"task:\"]'), count('thead th') - 1, count('td.l'), count('td.s'), ...totals].join(' ');
    ";
    let counted = chromium.measure(&page(&index, "", &PageOptions::new()).0, script, (1280, 900), &[]);
    let view = index.view();
    let (leads, supports) =
        view.units().fold((0, 0), |(leads, supports), unit| (leads + unit.leads(), supports + unit.supports()));
    assert_eq!(counted, format!("61 24 {leads} {supports} {leads} {supports} {}", leads + supports));
}

#[test]
fn headers_stay_in_sight_and_the_keyboard_reaches_the_region() {
    let Some(chromium) = Chromium::find("scrolling") else { return };
    // A region that has the focus is what the arrow keys scroll. Behind a link to a task its row is below the header.
    let script = "
        const region = document.querySelector('[role=region]');
        region.focus();
        const focused = document.activeElement === region && region.tabIndex === 0;
        region.scrollTo(150, 400);
        const box = element => element.getBoundingClientRect(), of = box(region);
        const head = box(document.querySelector('thead th:nth-child(20)')), corner = box(document.querySelector('thead th'));
        const first = box(document.querySelectorAll('tbody th')[40]);
        const sticks = Math.abs(head.top - of.top) < 2 && Math.abs(corner.left - of.left) < 2 && Math.abs(first.left - of.left) < 2;
        const named = document.getElementById(region.getAttribute('aria-labelledby')).textContent.length > 0;
        const row = document.querySelectorAll('tbody tr[id^=\"task:\"]')[45];
        location.hash = row.id;
        // The page around the region may have moved, too.
        const header = box(document.querySelector('thead th')), at = box(row);
        const seen = row.matches(':target') && at.top >= header.bottom - 1 && at.bottom <= box(region).bottom + 1;
        const unit = document.querySelector('thead th:last-child');
        location.hash = unit.id;
        return [region.scrollTop > 0 && region.scrollLeft > 0, focused, sticks, named, seen, unit.matches(':target')].join(' ');
    ";
    let page = page(&seed(), "", &PageOptions::new()).0;
    for width in [1000, 390] {
        assert_eq!(chromium.measure(&page, script, (width, 700), &[]), "true true true true true true", "{width}");
    }
}

#[test]
fn a_link_to_a_task_opens_the_folded_list_that_has_it() {
    let Some(chromium) = Chromium::find("folded") else { return };
    let script = "
        const task = document.querySelectorAll('li[id^=\"task:\"]')[50], list = task.closest('details');
        const before = list.open;
        location.hash = task.id;
        const link = document.querySelector('tbody th a'), section = document.querySelector(link.hash.replace(/[:\\/.]/g, '\\\\$&'));
        return [before, list.open, task.matches(':target'), section.localName, innerHeight > task.getBoundingClientRect().top].join(' ');
    ";
    let page = page(&seed(), "", &PageOptions::new().most_cells(0)).0;
    assert_eq!(chromium.measure(&page, script, (1280, 900), &[]), "false true true details true");
}

#[test]
fn the_seed_prints_on_one_a3_page() {
    let Some(chromium) = Chromium::find("print") else { return };
    let page = page(&seed(), "fujian-2016", &PageOptions::new().language("zh-Hans")).0;
    let (pages, document) = chromium.print(&chromium.put("seed.html", &page), "seed.pdf");
    assert_eq!(pages, 1);
    // 297 and 420 mm in points, as the browser rounds them.
    assert!(document.contains("/MediaBox [0 0 841.91998 1191.12]") || document.contains("/MediaBox [0 0 842 1191"));
}

#[test]
fn a_page_follows_the_dark_choice() {
    let Some(chromium) = Chromium::find("dark") else { return };
    let page = page(&seed(), "", &PageOptions::new().language("zh-Hans")).0;
    let path = chromium.put("seed.html", &page);
    chromium.picture(&path, "dark.png", (1280, 900), &[DARK]);
    let script = "
        const light = colour => colour.match(/[0-9]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 765;
        const of = element => { const style = getComputedStyle(element); return [style.backgroundColor, style.color].map(light); };
        const [back, text] = of(document.body), [cell, letter] = of(document.querySelector('td.l'));
        return [back < text, Math.abs(cell - letter) > 0.4].join(' ');
    ";
    assert_eq!(chromium.measure(&page, script, (1280, 900), &[DARK]), "true true");
    assert_eq!(chromium.measure(&page, script, (1280, 900), &[LIGHT]), "false true");
}

#[test]
fn hostile_names_run_nothing_and_stay_in_their_cells() {
    let Some(chromium) = Chromium::find("hostile") else { return };
    let index = responsibility_index::Index::in_memory();
    let long = "w".repeat(256);
    let names = [
        "<script>document.title='run'</script>",
        "\"onfocus=\"document.title='run'",
        "abc\u{202E}txt.exe",
        &long,
        "\u{5E9}\u{5DC}\u{5D5}\u{5DD} 1",
    ];
    for (at, name) in names.iter().enumerate() {
        index.assign(&format!("plan/{name}/{at}"), names.iter().cycle().skip(at).take(3).copied()).unwrap();
    }
    for (form, cells) in [("table", 50_000), ("grid", 0)] {
        let page = page(&index, "", &PageOptions::new().title("hostile").most_cells(cells)).0;
        chromium.picture(&chromium.put(&format!("{form}.html"), &page), &format!("{form}.png"), (1280, 900), &[LIGHT]);
        for width in [1280, 390] {
            let script = format!("const title = document.title; {}", FITS.replace("return ", "return title + ' ' + "));
            assert_eq!(chromium.measure(&page, &script, (width, 900), &[]), format!("hostile {width}: "), "{form}");
        }
    }
}
