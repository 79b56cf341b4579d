//! Real databases for the tests: one server of a kind, started when a test first asks for it.
//!
//! A server is the child of a shell that waits for the end of its own input, which the test binary holds
//! open: however the tests end, the shell then stops the server and removes its folder.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use sqlx::{ConnectOptions, Connection, Executor};

use crate::support::skip;

/// A server with a database `plant`, and a user `locked` whose password is `hunter2`.
pub struct Server {
    /// Host and port.
    pub host: String,
    /// The address of `plant` for a user who needs no password.
    pub url: String,
    /// Holds the input whose end stops the server.
    _shell: Child,
}

/// Starts a server in a folder of its own, by words of a shell in which `$D` is the folder, `$P` the port
/// and `$AS` what makes a program the user's, for servers refuse to be root's.
fn serve(user: &str, make: &str, run: &str, stop: &str) -> (String, PathBuf, Child) {
    let folder = tempfile::Builder::new().prefix("forewarn-db-").tempdir().unwrap().keep();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let script = format!(
        "cd $D; AS=\n\
         if [ $(id -u) = 0 ]; then\n\
           chown {user} $D; AS='setpriv --reuid={user} --regid={user} --init-groups'\n\
         fi\n\
         ( {make} ) >log 2>&1 </dev/null\n\
         ( exec $AS {run} ) >>log 2>&1 </dev/null &\n\
         read -r _\n\
         kill -{stop} $!; wait; rm -rf $D"
    );
    let shell = Command::new("sh")
        .args(["-c", &script])
        .env("D", &folder)
        .env("P", port.to_string())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    (format!("127.0.0.1:{port}"), folder, shell)
}

/// Runs statements, again until the server answers.
fn execute_when_ready(url: &str, sql: &str, folder: &Path) {
    let begun = Instant::now();
    while let Err(error) = try_execute(url, sql) {
        let patient = begun.elapsed() < Duration::from_mins(1);
        let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(patient, "{error}\n{}", log());
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Runs statements; names of tables and columns stand in double quotes.
pub fn execute(url: &str, sql: &str) {
    try_execute(url, sql).unwrap();
}

/// Runs statements, which may fail.
pub fn try_execute(url: &str, sql: &str) -> sqlx::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sql = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()));
    runtime.block_on(async {
        if let Some(file) = url.strip_prefix("sqlite:") {
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
            let mut connection = options.create_if_missing(true).connect().await?;
            connection.execute(sql).await?;
            connection.close().await
        } else if url.starts_with("mysql:") {
            let mut connection = sqlx::mysql::MySqlConnection::connect(url).await?;
            connection.execute("SET SESSION sql_mode = 'ANSI_QUOTES'").await?;
            connection.execute(sql).await?;
            connection.close().await
        } else {
            let mut connection = sqlx::postgres::PgConnection::connect(url).await?;
            connection.execute(sql).await?;
            connection.close().await
        }
    })
}

fn start_mariadb() -> Option<Server> {
    if !Path::new("/usr/sbin/mariadbd").exists() {
        return None;
    }
    let make = "$AS mariadb-install-db --no-defaults --datadir=$D/data --skip-test-db \
                --auth-root-authentication-method=normal";
    let run = "/usr/sbin/mariadbd --no-defaults --datadir=$D/data --bind-address=127.0.0.1 --port=$P \
               --socket=$D/s.sock --pid-file=$D/m.pid --skip-log-bin";
    let (host, folder, shell) = serve("mysql", make, run, "KILL");
    let sql = "CREATE DATABASE plant; CREATE USER locked IDENTIFIED BY 'hunter2'; \
               GRANT SELECT ON plant.* TO locked";
    execute_when_ready(&format!("mysql://root@{host}/mysql"), sql, &folder);
    Some(Server { url: format!("mysql://root@{host}/plant"), host, _shell: shell })
}

fn start_postgres() -> Option<Server> {
    // Debian keeps the programs of each version apart.
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut folders: Vec<PathBuf> = versions.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let bin = folders.pop()?.join("bin");
    let bin = bin.display();
    let make = format!(
        "$AS {bin}/initdb -D $D/data --username=root --auth=trust --no-sync --encoding=UTF8\n\
         printf 'host all locked 127.0.0.1/32 scram-sha-256\\nhost all all 127.0.0.1/32 trust\\n' \
         >$D/data/pg_hba.conf"
    );
    let run = format!("{bin}/postgres -D $D/data -h 127.0.0.1 -p $P -k $D");
    let (host, folder, shell) = serve("postgres", &make, &run, "INT");
    let server = format!("postgres://root@{host}/postgres");
    execute_when_ready(&server, "CREATE DATABASE plant", &folder);
    let url = format!("postgres://root@{host}/plant");
    execute(&url, "CREATE ROLE locked LOGIN PASSWORD 'hunter2'");
    Some(Server { url, host, _shell: shell })
}

static MARIADB: LazyLock<Option<Server>> = LazyLock::new(start_mariadb);
static POSTGRES: LazyLock<Option<Server>> = LazyLock::new(start_postgres);

/// A `MariaDB` server, or nothing (and says so).
pub fn mariadb(test: &str) -> Option<&'static Server> {
    if MARIADB.is_none() {
        skip(test, "mariadb", "install mariadb-server");
    }
    MARIADB.as_ref()
}

/// A `PostgreSQL` server, or nothing (and says so).
pub fn postgres(test: &str) -> Option<&'static Server> {
    if POSTGRES.is_none() {
        skip(test, "postgres", "install postgresql");
    }
    POSTGRES.as_ref()
}
