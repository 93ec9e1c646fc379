//! Reads documents: bytes in; text out, with the place of each character in the file.
//!
//! A document is plain text or a web page, in any of the encodings below. [`Document::read`] detects the form and the
//! encoding, decodes it, and turns a page into plain text, so that a notice gives the same tasks either way.
//! [`notice::Reader::read_document`](crate::notice::Reader::read_document) reads the text; lines and columns of its
//! tasks and findings are those of the file. Anything that can't be read is a [`Finding`] or an error.
//!
//! ```
//! use responsibility_index::document::{Document, Encoding, Format};
//! use responsibility_index::notice::Reader;
//!
//! let page = "<p>1.修路。<br>\n修好道路。（责任单位：市<b>交通</b>局、\n  市财政局&nbsp;）</p>";
//! let document = Document::read("roads.html", page.as_bytes())?;
//! assert_eq!((document.format(), document.encoding()), (Format::Html, Encoding::Utf8));
//! assert_eq!(document.text(), "1.修路。\n修好道路。（责任单位：市交通局、市财政局\u{A0}）\n");
//! assert_eq!(document.findings().len(), 0);
//!
//! let notice = Reader::new().read_document(&document);
//! let task = notice.task(0).expect("one task");
//! assert_eq!((task.lead(), task.supporting().collect::<Vec<_>>()), ("市交通局", vec!["市财政局"]));
//! assert_eq!((task.line(), task.column()), (2, 1));
//! # Ok::<(), responsibility_index::document::DocumentError>(())
//! ```
//!
//! # Pages
//! A text is a page if it begins with a tag and has a doctype, `html`, `head`, `body` or `meta` in its first 4 KB; if it begins
//! with a block and ends with a tag; or if tags of blocks are at least as many as its lines.
//!
//! | in the page | in the text |
//! | --- | --- |
//! | blocks: paragraphs, headings, items, sections | lines; no empty lines between them |
//! | `<br>` | a line end |
//! | white space | one space; none at the ends of a line, and none for a line end between two Chinese characters |
//! | `<pre>` | as it is |
//! | emphasis, links, other inline elements | their content |
//! | rows of tables | lines, with tabs between cells |
//! | lines in a cell | separated by U+2028, which separates units in a list and does not end the row |
//! | cells that span rows | repeated in each row; those that span columns: followed by empty cells |
//! | tables that lay out the page: tables in cells, several lines in the only cell or in a long one | the lines of their cells |
//! | character references | characters; an unknown one is kept as written, and a finding |
//! | comments, scripts, styles, the title, templates, `<noscript>`, frames | nothing |
//!
//! Item numbers that a browser generates are not in the page, and so not in the text. Styles are not read: hidden
//! paragraphs are text.
//!
//! # Encodings
//! | evidence, in this order | read as |
//! | --- | --- |
//! | a byte order mark | UTF-8, UTF-16 |
//! | line ends with a zero byte | UTF-16 |
//! | `<meta charset>` or `<?xml encoding>` in the first kilobyte | the declared one, if the bytes make sense in it: GB 2312, GBK, Big5 and all others of the Encoding Standard |
//! | valid UTF-8 | UTF-8 |
//! | valid GB18030 in which most characters are common | GB18030 |
//!
//! # Other files
//! PDF, RTF, DOC, DOCX, XLSX, ODT and ZIP files are an error that names the command which converts them to text.
//!
//! # Cost
//! Time is proportional to the bytes, whatever they are. A page takes the memory of its text, and 16 bytes for each
//! piece of text between two tags. Copies of merged cells are at most as long as the page.

mod encoding;
mod error;
mod file_type;
mod finding;
mod page;
mod piece;
#[cfg_attr(not(feature = "notice"), allow(dead_code, reason = "only the reader of notices asks for places"))]
mod places;
mod read;
mod recognise;
mod rows;
mod tag;
mod tokens;

pub use self::encoding::Encoding;
pub use self::error::DocumentError;
pub use self::finding::{Finding, FindingKind};
pub use self::read::{Document, Format};

#[cfg(feature = "notice")]
pub(crate) use self::places::Places;
