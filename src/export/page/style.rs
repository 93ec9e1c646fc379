//! The look of a page: colours for light and dark screens, and the rules for screens and paper. Knows nothing of tasks.

use crate::export::colours;

use super::out::Out;

/// A background and the text on it, each for light and for dark screens.
struct Tone {
    name: &'static str,
    light: (&'static str, &'static str),
    dark: (&'static str, &'static str),
}

/// The classes of shades of a grid.
pub(super) const SHADES: usize = 7;

const fn tone(name: &'static str, light: (&'static str, &'static str), dark: (&'static str, &'static str)) -> Tone {
    Tone { name, light, dark }
}

/// Roles by their class, then the shades of a grid from light to strong: the text changes its colour on the way.
const TONES: &[Tone] = &[
    tone("l", colours::LEAD, ("#9cc9f5", "#0b1a2a")),
    tone("j", colours::CO_LEAD, ("#7fb0d8", "#0b1a2a")),
    tone("s", colours::SUPPORT, ("#22405e", "#e6f0fa")),
    tone("c", colours::CONSULTED, ("#544016", "#fdf1d8")),
    tone("i", colours::INFORMED, ("#3c4046", "#ececec")),
    tone("q1", ("#eaf2fa", "#10263c"), ("#1b2733", "#dde8f2")),
    tone("q2", ("#d5e5f5", "#10263c"), ("#203448", "#e2ecf5")),
    tone("q3", ("#b9d4ee", "#10263c"), ("#26435f", "#e9f1f8")),
    tone("q4", ("#93bce3", "#0b1a2a"), ("#2d547a", "#f2f7fb")),
    tone("q5", ("#3f78b0", "#ffffff"), ("#7da9d2", "#0b1a2a")),
    tone("q6", ("#265f97", "#ffffff"), ("#9cc3e6", "#0b1a2a")),
    tone("q7", ("#123f6d", "#ffffff"), ("#c3dcf3", "#0b1a2a")),
];

const COMMON: &str = "\
:root{color-scheme:light dark;--b:#fff;--f:#1b1b1b;--m:#565656;--e:#d3d3d3;--h:#f2f4f6;--o:#fff1bf;--t:#a34700;--w:clamp(9rem,33vw,30rem)}\n\
@media (prefers-color-scheme:dark){:root{--b:#15181c;--f:#e8e8e8;--m:#b0b0b0;--e:#3a3f45;--h:#22272d;--o:#4a4116;--t:#ffb26b}}\n\
body{margin:0;padding:.7rem 1rem;font:14px/1.35 system-ui,sans-serif;background:var(--b);color:var(--f);overflow-wrap:anywhere}\n\
h1{font-size:1.3rem;margin:0}h2{font-size:1.1rem}p{margin:.3rem 0;color:var(--m)}a{color:inherit;text-underline-offset:2px}\n\
.k span,.k b{display:inline-block;min-width:1.6em;padding:0 .2em;text-align:center;font-weight:400}\n\
.r{overflow:auto;box-sizing:border-box;width:fit-content;max-width:100%;max-height:86vh;border:1px solid var(--e);scroll-padding:10rem 0 0 var(--w)}\n\
.r:focus-visible{outline:3px solid var(--t)}\n\
table{border-collapse:separate;border-spacing:0}caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}\n\
th,td{border:0 solid var(--e);border-width:0 1px 1px 0;padding:.1rem .3rem;font-weight:400}\n\
td{text-align:center;font-variant-numeric:tabular-nums;white-space:nowrap}th a{color:var(--m);text-decoration:none}th a:hover{text-decoration:underline}\n\
.r table{table-layout:fixed;width:0}.r td{padding:.1rem 0}col{width:2.1rem}.g col{width:3.2rem}col.t,.g col.t{width:var(--w)}\n\
thead th{position:sticky;top:0;z-index:2;background:var(--h);vertical-align:bottom;text-align:center;overflow-wrap:normal}\n\
thead th span{display:inline-block;writing-mode:vertical-rl;max-height:9.5em;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;line-height:1.2}\n\
tbody th,tfoot th{position:sticky;left:0;z-index:1;background:var(--b);text-align:left}\n\
thead th:first-child{left:0;z-index:3;text-align:left}\n\
.h>th,.h>td,tfoot th,tfoot td{background:var(--h)}.h>th{font-weight:600}.h>td,.g td,tfoot td{font-size:.8em}.h small,em,th small{color:var(--m);font-weight:400}\n\
tbody tr:hover>th,tbody tr:hover>td:not([class]){background:var(--o)}\n\
:target,tr:target>th{background:var(--o);outline:3px solid var(--t);outline-offset:-3px}tr:target{outline:0}\n\
.x{outline:2px solid var(--t);outline-offset:-2px}ins{text-decoration:none;font-weight:700}del+ins{margin-left:.3em}\n\
@page{margin:8mm}\n\
@media print{body{padding:0;font-size:9px;line-height:1.2}h1{font-size:14px}p{margin:1px 0}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}\n\
.r{overflow:visible;max-height:none;border:0}thead th,tbody th,tfoot th{position:static}thead{display:table-header-group}tfoot{display:table-row-group}\n\
tr{break-inside:avoid}th,td,.r td{padding:0 1mm;height:3.7mm}.r td{padding:0}col{width:5.8mm}.g col{width:9mm}col.t,.g col.t{width:118mm}\n\
.r tbody th{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}thead th span{max-height:40mm}:target,tr:target>th{outline:0;background:none}a{text-decoration:none}}\n";

const LISTS: &str = "\
.b svg{width:min(200px,30vw);display:block}.b td{text-align:right}.b{max-width:100%}\n\
svg .l{fill:#2f6f9f}svg .s{fill:#8f9aa5}\n\
summary{cursor:pointer;padding:.25rem 0}details ul{content-visibility:auto;contain-intrinsic-size:auto 60rem;list-style:none;margin:0;padding:0 0 .5rem 1rem}\n\
li{padding:.1rem 0}li:target{outline-offset:0}li>small{color:var(--m)}\n\
@media print{details ul{content-visibility:visible}}\n";

/// Writes the rules of all pages.
pub(super) fn common(out: &mut Out<'_>) {
    out.raw(COMMON);
    tones(out, |tone| tone.light);
    out.raw("@media (prefers-color-scheme:dark){");
    tones(out, |tone| tone.dark);
    out.raw("}\n");
}

fn tones(out: &mut Out<'_>, colours: impl Fn(&Tone) -> (&'static str, &'static str)) {
    for tone in TONES {
        let (back, text) = colours(tone);
        out.html(format_args!(".{}{{background:{back};color:{text}}}", tone.name));
    }
}

/// Writes the rules of lists and bars.
pub(super) fn lists(out: &mut Out<'_>) {
    out.raw(LISTS);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The relative luminance of a colour, as WCAG 2 defines it.
    fn luminance(colour: &str) -> f64 {
        let part = |at: usize| {
            let part = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    fn contrast((a, b): (&str, &str)) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn the_text_of_every_cell_can_be_read() {
        for tone in TONES {
            for pair in [tone.light, tone.dark] {
                assert!(contrast(pair) >= 4.5, "{}: {pair:?} {}", tone.name, contrast(pair));
            }
        }
        assert_eq!(TONES.iter().filter(|tone| tone.name.starts_with('q')).count(), SHADES);
    }
}
