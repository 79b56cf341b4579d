//! The address of a database. Passwords are never part of it.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

/// The variable of the environment that alone holds a database's password.
pub const PASSWORD_VARIABLE: &str = "FOREWARN_DB_PASSWORD";

/// What may follow the `?` of a server's address, besides the place of its socket.
const PARAMETERS: [&str; 5] = ["ssl-mode", "sslmode", "ssl-ca", "ssl-cert", "ssl-key"];

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// `MySQL` and `MariaDB`.
    MySql,
    /// `PostgreSQL`.
    Postgres,
    /// An `SQLite` file.
    Sqlite,
}

/// A checked address: `mysql://user@host:3306/database`, `mariadb://…`, `postgres://…`,
/// `postgresql://…` or `sqlite:file.db`. It holds no password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^(mysql|mariadb|postgres|postgresql|sqlite):"))]
pub struct DatabaseUrl {
    kind: DatabaseKind,
    text: String,
}

impl DatabaseUrl {
    /// Whether a text is meant for an address and not for a file's name.
    pub fn is_meant(text: &str) -> bool {
        text.contains("://") || text.starts_with("sqlite:")
    }

    /// Which kind of database lies there.
    pub fn kind(&self) -> DatabaseKind {
        self.kind
    }

    /// The address as it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The address without its parameters, for messages and records.
    pub fn shown(&self) -> &str {
        self.text.split('?').next().unwrap_or_default()
    }

    /// The file of an `SQLite` database: what follows `sqlite:` or `sqlite://`, letter by letter.
    pub fn sqlite_path(&self) -> Option<PathBuf> {
        let path = self.text.strip_prefix("sqlite:")?;
        Some(PathBuf::from(path.strip_prefix("//").unwrap_or(path)))
    }

    /// The same with another file, where it is an `SQLite` database.
    pub(super) fn with_sqlite_path(self, place: impl FnOnce(&Path) -> PathBuf) -> Self {
        match self.sqlite_path() {
            Some(path) => Self { text: format!("sqlite:{}", place(&path).display()), ..self },
            None => self,
        }
    }
}

impl TryFrom<String> for DatabaseUrl {
    type Error = String;

    /// No message repeats the address: it may hold a password where none is looked for.
    fn try_from(text: String) -> Result<Self, String> {
        let kind = match text.split_once(':').map(|(scheme, _)| scheme) {
            Some("mysql" | "mariadb") => DatabaseKind::MySql,
            Some("postgres" | "postgresql") => DatabaseKind::Postgres,
            Some("sqlite") => DatabaseKind::Sqlite,
            _ => {
                return Err("an address of a database begins with mysql://, mariadb://, \
                            postgres://, postgresql:// or sqlite:"
                    .to_owned());
            }
        };
        if kind != DatabaseKind::Sqlite {
            check_server(&text, kind)?;
        }
        let url = Self { kind, text };
        if url.sqlite_path().is_some_and(|path| path.as_os_str().is_empty()) {
            return Err("name the file of the SQLite database: sqlite:FILE".to_owned());
        }
        Ok(url)
    }
}

impl From<DatabaseUrl> for String {
    fn from(url: DatabaseUrl) -> Self {
        url.text
    }
}

fn check_server(text: &str, kind: DatabaseKind) -> Result<(), String> {
    let form = "write mysql://user@host:3306/database, with `@`, `:`, `/`, `?` and `#` in names as \
                %40, %3A, %2F, %3F and %23";
    let url = Url::parse(text).map_err(|error| format!("it is no address ({error}): {form}"))?;
    if url.password().is_some() || url.query_pairs().any(|(key, _)| key == "password") {
        return Err(format!(
            "it holds a password, which would end up in files and lists of processes: take it out, \
             and give it in the environment variable {PASSWORD_VARIABLE}"
        ));
    }
    if url.path().contains('@') || url.fragment().is_some() {
        return Err(format!("it is no address: {form}"));
    }
    let socket = if kind == DatabaseKind::MySql { "socket" } else { "host" };
    let known = |key: &str| PARAMETERS.contains(&key) || key == socket;
    if url.query_pairs().any(|(key, _)| !known(&key)) {
        let parameters = PARAMETERS.join(", ");
        return Err(format!("behind the `?` may stand {parameters} and {socket}"));
    }
    let has_socket = url.query_pairs().any(|(key, _)| key == socket);
    if url.host_str().is_none_or(str::is_empty) && !has_socket {
        return Err(format!("it names no host: {form}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn url(text: &str) -> Result<DatabaseUrl, String> {
        DatabaseUrl::try_from(text.to_owned())
    }

    #[test]
    fn every_kind_of_address_is_recognised() {
        let kind = |text| url(text).map(|url| url.kind());
        assert_eq!(kind("mysql://root@127.0.0.1:3306/plant"), Ok(DatabaseKind::MySql));
        assert_eq!(kind("mariadb://root@db/plant?ssl-mode=REQUIRED"), Ok(DatabaseKind::MySql));
        assert_eq!(kind("postgresql://a%40b@[::1]/plant"), Ok(DatabaseKind::Postgres));
        assert_eq!(kind("postgres://me@localhost/plant?host=/run/pg"), Ok(DatabaseKind::Postgres));
        assert_eq!(kind("sqlite:my plant.db"), Ok(DatabaseKind::Sqlite));
    }

    #[test]
    fn a_password_is_refused_and_not_repeated() {
        for text in [
            "mysql://root:hunter2@db/plant",
            "mysql://root:hun/ter2@db/plant",
            "mysql://root:77/hunter2@db/plant",
            "mysql://root:hun#ter2@db/plant",
            "mysql://root:hun ter2@db:x/plant",
            "postgres://db/plant?password=hunter2",
            "postgres://db/plant?options=hunter2",
            "http://root:hunter2@db/plant",
            "hunter2",
        ] {
            let message = url(text).unwrap_err();
            assert!(!message.contains("hun") && !message.contains("ter2"), "{text}: {message}");
        }
        assert!(url("mysql://root:hunter2@db/plant").unwrap_err().contains(PASSWORD_VARIABLE));
    }

    #[test]
    fn parameters_are_not_shown() {
        let url = url("mysql://db/plant?ssl-ca=/home/me/ca.pem").unwrap();
        assert_eq!(url.shown(), "mysql://db/plant");
    }

    #[test]
    fn a_sqlite_file_is_named_with_or_without_slashes() {
        let path = |text| url(text).unwrap().sqlite_path().unwrap();
        assert_eq!(path("sqlite:plant.db"), Path::new("plant.db"));
        assert_eq!(path("sqlite://plant.db"), Path::new("plant.db"));
        assert_eq!(path("sqlite:///data/plant.db"), Path::new("/data/plant.db"));
        assert!(url("sqlite:").is_err() && url("sqlite://").is_err());
    }
}
