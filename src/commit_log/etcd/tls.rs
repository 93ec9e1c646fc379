//! Certificates for servers that are reached over TLS.

use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

use super::options::Tls;
use crate::model::{EngineError, Error, Result};

pub(super) fn config(tls: &Tls) -> Result<TlsConfig> {
    let mut config = TlsConfig::builder();
    if let Some(authority) = &tls.authority {
        config = config.root_certs(RootCerts::new_with_certs(&certificates(authority)?));
    }
    if let Some((certificate, key)) = &tls.client {
        let key = PrivateKey::from_pem(key).map_err(|why| bad("the key", &why))?;
        config = config.client_cert(Some(ClientCert::new_with_certs(&certificates(certificate)?, key)));
    }
    Ok(config.build())
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate<'static>>> {
    let items = parse_pem(pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(Ok(certificate)),
        Ok(_) => None,
        Err(why) => Some(Err(bad("a certificate", &why))),
    });
    let found: Vec<_> = items.collect::<Result<_>>()?;
    if found.is_empty() { Err(bad("a certificate", &"there is none")) } else { Ok(found) }
}

fn bad(what: &str, why: &dyn std::fmt::Display) -> Error {
    EngineError::Failed { doing: "read certificates", why: format!("{what}: {why}") }.into()
}
