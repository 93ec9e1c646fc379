//! Where a shared log is, and how it is reached. Plain values.

use std::fmt;
use std::time::Duration;

/// The address of an index that several machines share: the servers of an etcd cluster and a prefix of its keys.
///
/// ```
/// use responsibility_index::Etcd;
///
/// let address = Etcd::new(["http://10.0.0.1:2379", "http://10.0.0.2:2379", "http://10.0.0.3:2379"], "plans/2026");
/// assert!(!format!("{:?}", address.user("index", "secret")).contains("secret"));
/// ```
#[derive(Clone)]
pub struct Etcd {
    pub(super) endpoints: Vec<String>,
    pub(super) prefix: String,
    pub(super) user: Option<(String, String)>,
    pub(super) patience: Duration,
    pub(super) trim_after: Option<u64>,
    #[cfg(feature = "etcd-tls")]
    pub(super) tls: Tls,
}

/// Certificates as PEM.
#[cfg(feature = "etcd-tls")]
#[derive(Clone, Default)]
pub(super) struct Tls {
    pub(super) authority: Option<Vec<u8>>,
    pub(super) client: Option<(Vec<u8>, Vec<u8>)>,
}

impl Etcd {
    /// The servers, as `http://host:port`, all of one cluster, and the prefix of the keys of the index, which ends with a
    /// slash whether it is given or not. A server without a port is asked at 2379.
    #[must_use]
    pub fn new<E: Into<String>>(endpoints: impl IntoIterator<Item = E>, prefix: impl Into<String>) -> Etcd {
        let endpoints = endpoints.into_iter().map(|endpoint| whole(&endpoint.into())).collect();
        let prefix: String = prefix.into();
        Etcd {
            endpoints,
            prefix: format!("{}/", prefix.trim_end_matches('/')),
            user: None,
            patience: Duration::from_secs(10),
            trim_after: Some(64 << 20),
            #[cfg(feature = "etcd-tls")]
            tls: Tls::default(),
        }
    }

    /// The user and the password, where the cluster asks for them.
    #[must_use]
    pub fn user(mut self, name: impl Into<String>, password: impl Into<String>) -> Etcd {
        self.user = Some((name.into(), password.into()));
        self
    }

    /// For how long a call tries to reach the servers: 10 seconds unless set. An election takes one to three.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Etcd {
        self.patience = patience;
        self
    }

    /// The size in bytes of the commits on the servers after which they are replaced by the state, which one machine puts
    /// there: 64 MiB unless set, some 220,000 small commits. Where the state is larger, its size counts. With `None`, only
    /// [`Index::trim`](crate::Index::trim) does so. Machines keep the commits that they have.
    #[must_use]
    pub fn trim_after(mut self, bytes: Option<u64>) -> Etcd {
        self.trim_after = bytes;
        self
    }

    /// The certificate of the authority that has signed those of the servers, as PEM. Without one, the authorities of the
    /// web are trusted. For servers with `https://`.
    #[cfg(feature = "etcd-tls")]
    #[must_use]
    pub fn authority(mut self, certificate: impl Into<Vec<u8>>) -> Etcd {
        self.tls.authority = Some(certificate.into());
        self
    }

    /// The certificate of this client and its key, as PEM, where the cluster asks for them.
    #[cfg(feature = "etcd-tls")]
    #[must_use]
    pub fn certificate(mut self, certificate: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>) -> Etcd {
        self.tls.client = Some((certificate.into(), key.into()));
        self
    }
}

/// An endpoint with its scheme and port.
fn whole(endpoint: &str) -> String {
    let endpoint = endpoint.trim_end_matches('/');
    let (scheme, host) = endpoint.split_once("://").unwrap_or(("http", endpoint));
    // The colons of an IPv6 address are in brackets.
    let after_address = host.rsplit_once(']').map_or(host, |(_, rest)| rest);
    if after_address.contains(':') { format!("{scheme}://{host}") } else { format!("{scheme}://{host}:2379") }
}

impl fmt::Debug for Etcd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = self.user.as_ref().map(|(name, _)| name);
        let Etcd { endpoints, prefix, patience, .. } = self;
        let mut debug = f.debug_struct("Etcd");
        debug.field("endpoints", endpoints).field("prefix", prefix).field("user", &user).field("patience", patience);
        debug.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Etcd;

    #[test]
    fn endpoints_are_completed() {
        let given = ["10.0.0.1", "http://etcd:2400/", "https://[::1]", "[::1]:2380"];
        let whole = ["http://10.0.0.1:2379", "http://etcd:2400", "https://[::1]:2379", "http://[::1]:2380"];
        assert_eq!(Etcd::new(given, "a/").endpoints, whole);
        assert_eq!(Etcd::new(given, "a/").prefix, Etcd::new(given, "a").prefix);
    }
}
