//! Calls of etcd's JSON gateway over HTTP: servers in turn, time-outs, the token of a user. Knows nothing of keys.
//!
//! A call tries one server after the other until one answers or the patience of the caller is over. The server that
//! answered is asked first the next time. No lock is held while a server is asked.

use std::io::{self, BufRead, BufReader};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::{Agent, Body, Timeout};

use super::options::Etcd;
use crate::model::{EngineError, Error, Result};

/// How long one server may take to be connected to, and to answer. A cluster without a leader answers after seven seconds,
/// which is too late for the others to be tried.
const CONNECT: Duration = Duration::from_secs(1);
const ANSWER: Duration = Duration::from_secs(2);
/// For each MiB that is sent, the answer may take so much longer.
const ANSWER_PER_MIB: Duration = Duration::from_secs(4);
/// How long to rest when all servers have failed.
const BETWEEN_ROUNDS: Duration = Duration::from_millis(100);
/// After so long without news a watch is begun again, perhaps with another server.
const QUIET: Duration = Duration::from_secs(5);
/// The most bytes of an answer, or of one piece of news.
const MOST_BYTES: u64 = 64 << 20;

pub(super) struct Client {
    agent: Agent,
    pub(super) endpoints: Vec<String>,
    /// Which of the servers answered last.
    turn: AtomicUsize,
    user: Option<(String, String)>,
    token: Mutex<Option<String>>,
}

/// The answer to a call.
pub(super) struct Answered {
    pub(super) value: Value,
    /// Whether a server may have done it before, without an answer.
    pub(super) is_repeated: bool,
}

/// Why a call has no answer.
pub(super) enum Failure {
    /// No server has got it.
    Unsent(String),
    /// A server may have done it.
    NoAnswer(String),
    /// The database is full. A server that gets full while it does something does it, and refuses all the same.
    Full { why: String, is_repeated: bool },
    /// It was not done, and trying again does not help.
    Refused(Error),
}

impl Client {
    pub(super) fn new(etcd: &Etcd) -> Result<Client> {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            // A proxy of the environment is for the web.
            .proxy(None)
            .timeout_connect(Some(CONNECT));
        #[cfg(feature = "etcd-tls")]
        let config = config.tls_config(super::tls::config(&etcd.tls)?);
        let agent = Agent::new_with_config(config.build());
        let (endpoints, user) = (etcd.endpoints.clone(), etcd.user.clone());
        Ok(Client { agent, endpoints, turn: AtomicUsize::new(0), user, token: Mutex::default() })
    }

    /// Calls one server after the other, until one answers or for so long; each at least once.
    pub(super) fn call(&self, path: &str, body: &Value, patience: Duration) -> Result<Answered, Failure> {
        let start = Instant::now();
        let body = body.to_string();
        let (mut sent, mut tried, mut why) = (false, 0, "no server was given".to_owned());
        while let Some(endpoint) = self.endpoint() {
            match self.ask(endpoint, path, &body) {
                Ok(value) => return Ok(Answered { value, is_repeated: sent }),
                Err(Failure::Refused(error)) => return Err(Failure::Refused(error)),
                Err(Failure::Full { why, .. }) => return Err(Failure::Full { why, is_repeated: sent }),
                Err(Failure::Unsent(error)) => why = error,
                Err(Failure::NoAnswer(error)) => (sent, why) = (true, error),
            }
            self.turn.fetch_add(1, Ordering::Relaxed);
            tried += 1;
            if tried % self.endpoints.len() != 0 {
                continue;
            }
            if start.elapsed() >= patience {
                break;
            }
            thread::sleep(BETWEEN_ROUNDS);
        }
        Err(if sent { Failure::NoAnswer(why) } else { Failure::Unsent(why) })
    }

    /// The server whose turn it is.
    fn endpoint(&self) -> Option<&str> {
        let at = self.turn.load(Ordering::Relaxed).checked_rem(self.endpoints.len())?;
        self.endpoints.get(at).map(String::as_str)
    }

    /// The error for a call that only asks.
    pub(super) fn error(&self, failure: Failure) -> Error {
        match failure {
            Failure::Refused(error) => error,
            Failure::Full { why, .. } => EngineError::Full { why }.into(),
            Failure::Unsent(why) | Failure::NoAnswer(why) => {
                EngineError::Unreachable { endpoints: self.endpoints.clone(), why }.into()
            }
        }
    }

    /// Asks one server; once more with a new token if it does not know the token.
    fn ask(&self, endpoint: &str, path: &str, body: &str) -> Result<Value, Failure> {
        let token = self.token(endpoint)?;
        match self.ask_with(endpoint, path, body, token.as_deref()) {
            Err(Answer::BadToken(_)) if token.is_some() => {
                self.forget(token.as_deref());
                let token = self.token(endpoint)?;
                self.ask_with(endpoint, path, body, token.as_deref()).map_err(Failure::from)
            }
            answer => answer.map_err(Failure::from),
        }
    }

    fn token(&self, endpoint: &str) -> Result<Option<String>, Failure> {
        let Some((name, password)) = &self.user else { return Ok(None) };
        if let Some(token) = &*self.token.lock().unwrap_or_else(PoisonError::into_inner) {
            return Ok(Some(token.clone()));
        }
        let body = json!({ "name": name, "password": password }).to_string();
        let answer = self.ask_with(endpoint, "/v3/auth/authenticate", &body, None)?;
        let token = answer.get("token").and_then(Value::as_str).map(str::to_owned);
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&token);
        Ok(token)
    }

    fn forget(&self, token: Option<&str>) {
        let mut known = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if known.as_deref() == token {
            *known = None;
        }
    }

    fn ask_with(&self, endpoint: &str, path: &str, body: &str, token: Option<&str>) -> Result<Value, Answer> {
        let patience = ANSWER + ANSWER_PER_MIB * u32::try_from(body.len() >> 20).unwrap_or(u32::MAX >> 8);
        let mut answer = self.send(endpoint, path, body, token, Some(patience), ANSWER)?;
        let status = answer.status().as_u16();
        let read = answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec();
        let bytes = read.map_err(|error| Answer::Lost(format!("{endpoint}: {error}")))?;
        if status == 404 {
            let why = format!("it does not know {path}");
            return Err(Answer::Final(EngineError::NoGateway { endpoint: endpoint.to_owned(), why }.into()));
        }
        match serde_json::from_slice(&bytes) {
            Ok(value) if status == 200 => Ok(value),
            Ok(value) => Err(refusal(endpoint, &value)),
            Err(_) if status == 200 => {
                let why = "its answer is not JSON".to_owned();
                Err(Answer::Final(EngineError::NoGateway { endpoint: endpoint.to_owned(), why }.into()))
            }
            Err(_) => Err(Answer::Lost(format!("{endpoint}: status {status}"))),
        }
    }

    fn send(
        &self,
        endpoint: &str,
        path: &str,
        body: &str,
        token: Option<&str>,
        whole: Option<Duration>,
        read: Duration,
    ) -> Result<ureq::http::Response<Body>, Answer> {
        let request = self.agent.post(format!("{endpoint}{path}"));
        let request = request.config().timeout_global(whole).timeout_per_read(Some(read.max(ANSWER))).build();
        let request = request.header("content-type", "application/json");
        let request = match token {
            Some(token) => request.header("authorization", token),
            None => request,
        };
        request.send(body).map_err(|error| {
            let why = format!("{endpoint}: {error}");
            if is_unsent(&error) { Answer::Unsent(why) } else { Answer::Lost(why) }
        })
    }

    /// Begins a watch at the server whose turn it is, and hands out its news, one by one, until `each` says that it is
    /// enough, or the stream ends. A stream that is quiet for some seconds ends.
    pub(super) fn watch(&self, body: &Value, each: &mut dyn FnMut(&Value) -> bool) -> Result<(), Failure> {
        let Some(endpoint) = self.endpoint() else { return Ok(()) };
        let token = self.token(endpoint)?;
        let answer = self.send(endpoint, "/v3/watch", &body.to_string(), token.as_deref(), None, QUIET)?;
        if answer.status().as_u16() != 200 {
            self.forget(token.as_deref());
            return Err(Failure::NoAnswer(format!("{endpoint}: status {}", answer.status())));
        }
        let mut lines = BufReader::new(answer.into_body().into_with_config().limit(u64::MAX).reader());
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = io::Read::take(&mut lines, MOST_BYTES).read_until(b'\n', &mut line);
            match read.map(|_| serde_json::from_slice::<Value>(&line)) {
                Ok(Ok(value)) if each(&value) => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(Failure::NoAnswer(format!("{endpoint}: {error}"))),
            }
        }
    }
}

/// How one attempt ended without a result.
enum Answer {
    Unsent(String),
    Lost(String),
    BadToken(String),
    Full(String),
    Final(Error),
}

impl From<Answer> for Failure {
    fn from(answer: Answer) -> Failure {
        match answer {
            Answer::Unsent(why) => Failure::Unsent(why),
            Answer::Lost(why) => Failure::NoAnswer(why),
            Answer::BadToken(why) => Failure::Refused(EngineError::Denied { why }.into()),
            Answer::Full(why) => Failure::Full { why, is_repeated: false },
            Answer::Final(error) => Failure::Refused(error),
        }
    }
}

/// Whether a server can't have got anything of a request.
fn is_unsent(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed | ureq::Error::BadUri(_) => true,
        ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => true,
        ureq::Error::Io(error) => error.kind() == io::ErrorKind::ConnectionRefused,
        _ => false,
    }
}

/// What a server says when it does not do what it was asked: the codes are those of gRPC.
fn refusal(endpoint: &str, answer: &Value) -> Answer {
    // Without a code it may be the answer of a proxy: what was done is not known, as with codes that are not below.
    let code = answer.get("code").and_then(Value::as_u64).map_or(0, |code| code);
    let why = answer.get("message").or_else(|| answer.get("error")).and_then(Value::as_str);
    let why = why.map_or_else(|| answer.to_string(), str::to_owned);
    let denied = |why: String| Answer::Final(EngineError::Denied { why }.into());
    match code {
        16 => Answer::BadToken(why),
        7 => denied(why),
        3 | 9 if why.contains("auth") || why.contains("user name") => denied(why),
        8 if why.contains("space exceeded") => Answer::Full(why),
        // Overloaded: it was not done.
        8 => Answer::Unsent(format!("{endpoint}: {why}")),
        3 | 5 | 6 | 9 | 11 | 12 => Answer::Final(EngineError::Failed { doing: "ask etcd", why }.into()),
        _ => Answer::Lost(format!("{endpoint}: {why}")),
    }
}
