//! The result type of this program: any error that can be printed. Uses no other file.

pub(crate) type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;
