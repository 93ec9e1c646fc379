//! Reads notices: text in; tasks, units and findings out. Knows nothing of storage.
