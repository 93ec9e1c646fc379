//! The colours of roles on light paper, for pages and sheets alike: a background, and the text on it.

/// A background and the text on it, as `#rrggbb`.
pub(super) type Colours = (&'static str, &'static str);

pub(super) const LEAD: Colours = ("#174a7e", "#ffffff");
pub(super) const CO_LEAD: Colours = ("#2f6f9f", "#ffffff");
pub(super) const SUPPORT: Colours = ("#d5e5f5", "#10263c");
pub(super) const CONSULTED: Colours = ("#fbe7c6", "#3d2900");
pub(super) const INFORMED: Colours = ("#e7e7e7", "#333333");
